// The plain float64 meaning of every op. Slow and simple: the other executors and the gradients are tested against it.
import { bindArrays, resolveShape } from '../binding.ts';
import type { AnyArray, Binding } from '../binding.ts';
import { topologicalOrder } from '../trace.ts';
import type { Program, Traced } from '../trace.ts';
import { evaluateIndexing } from './indexing.ts';
import { evaluateNumeric } from './numeric.ts';
import type { Value } from './value.ts';
import { evaluateStructure } from './structure.ts';

/** The outputs of {@link evaluate}: float64 whatever the dtype (bools are 1 and 0). */
export type ReferenceArrays = Record<string, { data: Float64Array; shape: number[] }>;

/**
 * Evaluates a program in float64, one entry at a time. Feeds may hold numbers of any precision.
 * Errors: FeedError for a missing, unknown or misshapen input.
 * @example evaluate({ inputs: { x }, outputs: { y: op.exp(x) } }, { x: { data: [0], shape: [1] } }).y.data // [1]
 */
export function evaluate(program: Program, feeds: Record<string, AnyArray>): ReferenceArrays {
  const binding = bindArrays(program.inputs, feeds, { exactDType: false });
  const values = new Map<Traced, Float64Array>();
  computeAll(Object.values(program.outputs), feeds, binding, values);
  return Object.fromEntries(
    Object.entries(program.outputs).map(([name, node]) => [
      name,
      { data: values.get(node)!, shape: resolveShape(node.shape, binding) },
    ]),
  );
}

function computeAll(
  roots: readonly Traced[],
  feeds: Record<string, AnyArray>,
  binding: Binding,
  values: Map<Traced, Float64Array>,
): void {
  for (const node of topologicalOrder(roots)) {
    if (values.has(node)) continue;
    const { op, inputs } = node;
    if (op.kind === 'input') {
      values.set(node, Float64Array.from(feeds[op.name]!.data));
    } else if (op.kind === 'fused') {
      const meaning = op.decompose(inputs);
      computeAll([meaning], feeds, binding, values);
      values.set(node, values.get(meaning)!);
    } else {
      const operands = inputs.map((x): Value => ({ data: values.get(x)!, shape: resolveShape(x.shape, binding) }));
      values.set(node, evaluateNode(node, operands, binding));
    }
  }
}

function evaluateNode({ op, shape: symbolic }: Traced, operands: readonly Value[], binding: Binding): Float64Array {
  const shape = resolveShape(symbolic, binding);
  if (op.kind === 'constant') return Float64Array.from(op.data);
  if (op.kind === 'sizeOf') return Float64Array.from(resolveShape([op.dim], binding));
  const value =
    evaluateNumeric(op, shape, operands) ??
    evaluateStructure(op, shape, operands) ??
    evaluateIndexing(op, shape, operands);
  if (!value) throw new Error(`the reference does not know ${op.kind}`);
  return value;
}
