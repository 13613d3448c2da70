import { dimProduct, isFixed, fixedCount } from '../dims.ts';
import { axisOf } from '../ops/axes.ts';
import { div, mul, sizeOf, sum } from '../ops/index.ts';
import type { Traced } from '../trace.ts';

export const square = (x: Traced): Traced => mul(x, x);

/**
 * The mean over `axes` (all by default); the batch may be among them.
 * @example op.mean(op.sum(op.square(error), [1])) // [batch, d_in] -> []: squared error, mean over the batch
 */
export function mean(x: Traced, axes?: readonly number[], keepDims = false): Traced {
  const sizes = (axes ?? x.shape.map((_, i) => i)).map((axis) => x.shape[axisOf('mean', x, axis)]!);
  const total = sum(x, axes, keepDims);
  return isFixed(sizes) ? mul(total, 1 / fixedCount(sizes)) : div(total, sizeOf(dimProduct(...sizes)));
}
