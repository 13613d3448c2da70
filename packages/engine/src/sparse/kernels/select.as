import { bytes } from './rows';

// @ts-ignore: decorator
@inline
function at(values: usize, index: i32): f32 {
  return load<f32>(values + bytes(index));
}

/** The k-th largest of values[count], which are left in another order; 1 <= k <= count. Hoare's quickselect. */
export function kthLargest(values: usize, count: i32, k: i32): f32 {
  const wanted = k - 1;
  let first = 0;
  let last = count - 1;
  while (first < last) {
    const middle = at(values, (first + last) >> 1);
    // The median of three
    const low = min<f32>(at(values, first), at(values, last));
    const high = max<f32>(at(values, first), at(values, last));
    const pivot = max<f32>(low, min<f32>(high, middle));
    let left = first;
    let right = last;
    while (left <= right) {
      while (at(values, left) > pivot) left += 1;
      while (at(values, right) < pivot) right -= 1;
      if (left > right) break;
      const swapped = at(values, left);
      store<f32>(values + bytes(left), at(values, right));
      store<f32>(values + bytes(right), swapped);
      left += 1;
      right -= 1;
    }
    if (wanted <= right) last = right;
    else if (wanted >= left) first = left;
    else return pivot;
  }
  return at(values, wanted);
}
