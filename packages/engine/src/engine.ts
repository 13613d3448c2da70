import type { Arrays } from './arrays.ts';
import type { SharedWeights } from './shared-weights.ts';
import type { Program } from './trace.ts';

/** The engines that exist, fastest first; which of them run on this machine is for `openEngine` and `listEngines` to find out. */
export const engineNames = [
  'onnx-cuda',
  'tfjs-gpu',
  'tfjs-webgpu',
  'onnx-webgpu',
  'onnx-cpu',
  'tfjs-wasm',
  'reference',
] as const;
export type EngineName = (typeof engineNames)[number];

/** Later ones replace earlier ones of the same name. */
export type Weights = Arrays | SharedWeights | readonly (Arrays | SharedWeights)[];

export interface CompileOptions {
  /**
   * Values of inputs that never change (a model's weights): bound once, then not fed again. Arrays are copied; of shared
   * weights the program reads those that are among its inputs, where they are.
   */
  weights?: Weights;
  /**
   * How a compiling engine takes the weights (others: no difference). 'initialisers': part of the compiled program, which
   * packs a copy of its own to be fastest: for long runs of one program. 'inputs': read where they are, so that many programs
   * (taps, edits, gradients, decoding) need one copy and compile at once. By default shared ones as inputs, others as initialisers.
   */
  weightsAs?: 'initialisers' | 'inputs';
  /**
   * First values of inputs that are also outputs of the same name and shape (parameters and optimiser state of a training
   * step, a cache of keys and values). They stay beside the executor: each run reads them and replaces them by the outputs.
   */
  state?: Arrays;
}

/** Compiles programs for one kind of hardware. */
export interface Engine {
  readonly name: EngineName;
  /** For logs and run pages: the library, its version, threads. */
  readonly description: string;
  readonly threads: number;
  /** Errors: FeedError for weights or state that do not fit, EngineError where the program cannot be compiled. */
  compile(program: Program, options?: CompileOptions): Promise<Executable>;
  /**
   * Copies arrays into the engine once, for the `weights` of any number of programs; dispose them when done.
   * @example
   * const weights = await engine.shareWeights(model.weights);
   * const [forward, decode] = [await engine.compile(a, { weights }), await engine.compile(b, { weights })];
   */
  shareWeights(arrays: Arrays): Promise<SharedWeights>;
  /** Lets running calls finish, then frees everything. Calls after it are refused. */
  close(): Promise<void>;
}

/** A compiled program. Calls run one after another, in the order in which they were made. */
export interface Executable {
  /**
   * Runs once on `feeds` (every input but weights and state; copied, so the caller may reuse them) and gives every output
   * but the state. Bool outputs come as int32. A failing run leaves the state as it was.
   */
  run(feeds: Arrays): Promise<Arrays>;
  /** A copy of the state: what `state` was, after the runs so far. */
  readState(): Promise<Arrays>;
  /** Replaces the given ones of the state. Symbolic dims may change when all that hold them are given. */
  writeState(state: Arrays): Promise<void>;
  /** Frees it. Calling it again does nothing. */
  dispose(): Promise<void>;
}
