// A program as a flat list that can be sent to another thread: what the TensorFlow.js executor interprets.
import type { DType, Op } from '../trace.ts';

/** A size: a number, or `factor` times the run-time value of a symbol. */
export type WireDim = number | { symbol: string; factor: number };

/** What lowering leaves: no sources, no functions, no aliases; one `topK` gives values and indices. */
export type Operation =
  | Exclude<
      Op,
      {
        kind: 'input' | 'constant' | 'sizeOf' | 'stopGradient' | 'custom' | 'fused' | 'topKValues' | 'topKIndices';
      }
    >
  | { kind: 'sizeOf'; dim: WireDim }
  | { kind: 'topK'; k: number }
  /** Refuses to go on when an index of the input lies outside 0 to `size` - 1; `what` is the op that reads them. */
  | { kind: 'checkIndices'; size: WireDim; what: string };

/** Values are kept in numbered registers, each written once. */
export interface Instruction {
  op: Operation;
  inputs: readonly number[];
  /** Two for `topK`, none for `checkIndices`, else one. */
  outputs: readonly number[];
  shape: readonly WireDim[];
  dtype: DType;
  /** Registers that nothing reads after this one. */
  lastReads: readonly number[];
}

export interface LoweredProgram {
  registers: number;
  inputs: { name: string; register: number }[];
  constants: { register: number; dtype: 'float' | 'int'; shape: readonly number[]; data: Float32Array | Int32Array }[];
  instructions: Instruction[];
  /** Outputs by name; one register may serve several, and may be an input or a constant. */
  outputs: { name: string; register: number }[];
}
