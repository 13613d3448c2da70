// Reading arrays in other orders: strides and offsets.
import type { FixedShape } from '../dims.ts';

/** How far apart neighbours along each axis lie in row-major order. */
export function strides(shape: FixedShape): number[] {
  const result = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    result[axis] = step;
    step *= shape[axis]!;
  }
  return result;
}

/** Strides that read an array of `shape` as if it had been broadcast to `full`. */
export function broadcastStrides(shape: FixedShape, full: FixedShape): number[] {
  const own = strides(shape);
  const extra = full.length - shape.length;
  return full.map((_, axis) => (axis < extra || shape[axis - extra] === 1 ? 0 : own[axis - extra]!));
}

/** For each index of `shape` in order, its offset in an array with `steps` as strides. */
export function offsets(shape: FixedShape, steps: readonly number[]): Int32Array {
  let result = new Int32Array([0]);
  shape.forEach((dim, axis) => {
    const next = new Int32Array(result.length * dim);
    result.forEach((offset, i) => {
      for (let j = 0; j < dim; j++) next[i * dim + j] = offset + j * steps[axis]!;
    });
    result = next;
  });
  return result;
}

export const readBroadcast = (data: Float64Array, shape: FixedShape, full: FixedShape): Float64Array =>
  Float64Array.from(offsets(full, broadcastStrides(shape, full)), (offset) => data[offset]!);
