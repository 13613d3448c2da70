import { bytes } from './rows';

// A heap of the k best pairs, the worst at the root. Between equal values the lower index is better.

// @ts-ignore: decorator
@inline
function isWorse(value: f32, index: i32, thanValue: f32, thanIndex: i32): bool {
  return value < thanValue || (value == thanValue && index > thanIndex);
}

/** Moves (value, index) down from `at` until no child is worse. */
function siftDown(values: usize, indices: usize, k: i32, at: i32, value: f32, index: i32): void {
  for (;;) {
    let child = 2 * at + 1;
    if (child >= k) break;
    let childValue = load<f32>(values + bytes(child));
    let childIndex = load<i32>(indices + bytes(child));
    if (child + 1 < k) {
      const otherValue = load<f32>(values + bytes(child + 1));
      const otherIndex = load<i32>(indices + bytes(child + 1));
      if (isWorse(otherValue, otherIndex, childValue, childIndex)) {
        child += 1;
        childValue = otherValue;
        childIndex = otherIndex;
      }
    }
    if (!isWorse(childValue, childIndex, value, index)) break;
    store<f32>(values + bytes(at), childValue);
    store<i32>(indices + bytes(at), childIndex);
    at = child;
  }
  store<f32>(values + bytes(at), value);
  store<i32>(indices + bytes(at), index);
}

/**
 * The k largest of row[count] into values[k] and indices[k], in heap order. Needs 1 <= k <= count.
 * Almost every candidate loses against the root, so eight are compared at once.
 */
export function selectTopK(row: usize, count: i32, k: i32, indices: usize, values: usize): void {
  for (let i = 0; i < k; i++) {
    store<f32>(values + bytes(i), load<f32>(row + bytes(i)));
    store<i32>(indices + bytes(i), i);
  }
  for (let i = (k >> 1) - 1; i >= 0; i--) {
    siftDown(values, indices, k, i, load<f32>(values + bytes(i)), load<i32>(indices + bytes(i)));
  }
  let threshold = f32x4.splat(load<f32>(values));
  let i = k;
  for (; i + 8 <= count; i += 8) {
    const at = row + bytes(i);
    const left = f32x4.gt(v128.load(at), threshold);
    const right = f32x4.gt(v128.load(at, 16), threshold);
    if (!v128.any_true(v128.or(left, right))) continue;
    offer(row, i, i + 8, k, indices, values);
    threshold = f32x4.splat(load<f32>(values));
  }
  offer(row, i, count, k, indices, values);
}

/** Lets row[from..to] replace the worst of the heap. */
function offer(row: usize, from: i32, to: i32, k: i32, indices: usize, values: usize): void {
  for (let i = from; i < to; i++) {
    const value = load<f32>(row + bytes(i));
    if (value > load<f32>(values)) siftDown(values, indices, k, 0, value, i);
  }
}
