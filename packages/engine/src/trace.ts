// A traced array is a node of a pure dataflow graph. Nothing is computed while tracing.
import type { Dim, Shape } from './dims.ts';

export type DType = 'float' | 'int' | 'bool';

export type UnaryKind = 'neg' | 'exp' | 'log' | 'sqrt' | 'tanh' | 'sigmoid' | 'relu' | 'abs' | 'erf' | 'stopGradient';
export type BinaryKind = 'add' | 'sub' | 'mul' | 'div' | 'maximum';
export type CompareKind = 'greater' | 'greaterEqual' | 'equal';
export type FusedKind =
  | 'layerNorm'
  | 'rmsNorm'
  | 'gelu'
  | 'geluTanh'
  | 'attention'
  | 'maskedAttention'
  | 'cachedAttention'
  | 'cachedKeys'
  | 'cachedValues';
/** Scalars stay in float64 so that the reference is exact; an executor rounds them. */
export type ConstantData = Float64Array | Float32Array | Int32Array;
/** The cotangents of `inputs` (null: none), given the output and its cotangent. */
export type Backward = (inputs: readonly Traced[], output: Traced, cotangent: Traced) => readonly (Traced | null)[];
export type Decompose = (inputs: readonly Traced[]) => Traced;

/** The closed set of operations. Every executor is one switch over `kind`. */
export type Op =
  | { kind: 'input'; name: string }
  | { kind: 'constant'; data: ConstantData }
  | { kind: 'sizeOf'; dim: Dim } // the run-time value of a dim, as a float scalar
  | { kind: UnaryKind }
  | { kind: BinaryKind }
  | { kind: CompareKind }
  | { kind: 'where' } // (condition, ifTrue, ifFalse)
  | { kind: 'toFloat' } // bool or int -> float
  | { kind: 'toInt' } // float (towards zero) or bool -> int
  | { kind: 'matmul'; transposeA: boolean; transposeB: boolean }
  | { kind: 'sum' | 'max'; axes: readonly number[]; keepDims: boolean }
  | { kind: 'softmax' | 'logSoftmax' } // over the last axis
  | { kind: 'argMax' } // over the last axis, [..., n] -> [...]
  | { kind: 'reshape' }
  | { kind: 'transpose'; permutation: readonly number[] }
  | { kind: 'broadcast' }
  | { kind: 'slice'; axis: number; start: number; end: number }
  | { kind: 'pad'; axis: number; before: number; after: number }
  | { kind: 'concat'; axis: number }
  | { kind: 'gatherRows' } // (table [v, ...d], ids [...i]) -> [...i, ...d]
  | { kind: 'scatterAddRows' } // (ids [...i], updates [...i, ...d]) -> [rows, ...d]
  | { kind: 'topKValues' | 'topKIndices'; k: number } // over the last axis
  | { kind: 'gatherLast' } // (values [..., n], indices [..., k]) -> [..., k]
  | { kind: 'scatterLast'; size: number } // (indices [..., k], updates [..., k]) -> [..., size]
  | { kind: 'custom'; name: string; backward: Backward } // (forward value, ...what it depends on)
  | { kind: 'fused'; name: FusedKind; attributes: Readonly<Record<string, number>>; decompose: Decompose };

export type OpOf<K extends Op['kind']> = Extract<Op, { kind: K }>;

/** A value of a program: what makes it (`op`, `inputs`), its shape and its element type. Immutable. */
export class Traced {
  constructor(
    readonly op: Op,
    readonly inputs: readonly Traced[],
    readonly shape: Shape,
    readonly dtype: DType,
  ) {}
}

export type TracedRecord = Record<string, Traced>;

/** What an engine compiles: named inputs (made by `input`, under their own names) and named outputs. */
export interface Program {
  readonly inputs: TracedRecord;
  readonly outputs: TracedRecord;
}

/** Nodes needed for `outputs`, every node after its inputs. Unneeded work never appears here. */
export function topologicalOrder(outputs: Iterable<Traced>): Traced[] {
  const order: Traced[] = [];
  const seen = new Set<Traced>();
  // An explicit stack: deep models would overflow the call stack.
  const stack = [...outputs].reverse().map((node) => ({ node, expanded: false }));
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { node, expanded } = top;
    if (expanded) {
      order.push(node);
    } else if (!seen.has(node)) {
      seen.add(node);
      stack.push({ node, expanded: true });
      for (const input of [...node.inputs].reverse())
        if (!seen.has(input)) stack.push({ node: input, expanded: false });
    }
  }
  return order;
}
