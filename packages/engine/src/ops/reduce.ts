// Reductions over axes, and softmax over the last one.
import type { Dim } from '../dims.ts';
import { Traced } from '../trace.ts';
import { axisOf } from './axes.ts';
import { requireDType } from './elementwise.ts';
import { matmul } from './linear.ts';
import { reshape } from './shapes.ts';

function reduce(kind: 'sum' | 'max') {
  return (x: Traced, axes?: readonly number[], keepDims = false): Traced => {
    requireDType(kind, x, 'float');
    const over = (axes ?? x.shape.map((_, i) => i)).map((axis) => axisOf(kind, x, axis));
    const shape = x.shape.flatMap((dim, i): Dim[] => (over.includes(i) ? (keepDims ? [1] : []) : [dim]));
    return over.length === 0 ? x : new Traced({ kind, axes: over, keepDims }, [x], shape, 'float');
  };
}
const plainSum = reduce('sum');

/** Sums over `axes` (all of them by default). The column sums of a product are computed without the product. */
export function sum(x: Traced, axes?: readonly number[], keepDims = false): Traced {
  const isColumnSum = x.shape.length === 2 && axes?.length === 1 && axisOf('sum', x, axes[0]!) === 0;
  if (x.op.kind === 'matmul' && isColumnSum && x.inputs.every((factor) => factor.shape.length === 2)) {
    const { transposeA, transposeB } = x.op;
    const row = matmul(plainSum(x.inputs[0]!, [transposeA ? 1 : 0], true), x.inputs[1]!, {
      transposeA,
      transposeB,
    });
    return keepDims ? row : reshape(row, [x.shape[1]!]);
  }
  return plainSum(x, axes, keepDims);
}
/** The largest entries over `axes` (all by default). In the gradient every tied entry gets the whole cotangent. */
export const max = reduce('max');

function overLastAxis(kind: 'softmax' | 'logSoftmax') {
  return (x: Traced): Traced => {
    requireDType(kind, x, 'float');
    axisOf(kind, x, -1);
    return new Traced({ kind }, [x], x.shape, 'float');
  };
}
/** exp(x) / sum(exp(x)) over the last axis. */
export const softmax = overLastAxis('softmax');
/** x - log(sum(exp(x))) over the last axis. */
export const logSoftmax = overLastAxis('logSoftmax');
