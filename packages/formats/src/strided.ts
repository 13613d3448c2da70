import type { NamedArray } from './named-array.ts';

/** Whether neighbours in row-major order are neighbours in memory. */
export function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && strides[i] !== step) return false;
    step *= shape[i]!;
  }
  return true;
}

/**
 * `count` numbers of a view, in row-major order.
 *
 * @param strides steps from one index to the next along each axis; all that they reach lies in `stored`
 */
export function gather<T extends NamedArray['data']>(
  stored: T,
  shape: readonly number[],
  strides: readonly number[],
  count: number,
): T {
  const gathered = new (stored.constructor as new (length: number) => T)(count);
  const rank = shape.length;
  const index = new Array<number>(rank).fill(0);
  let from = 0;
  for (let to = 0; to < count; to++) {
    gathered[to] = stored[from]!;
    for (let axis = rank - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return gathered;
}
