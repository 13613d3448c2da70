// Arithmetic on rows of float32. A width is in bytes and a multiple of 64 (16 floats, four vectors).

/** Bytes of `count` floats or ints. */
// @ts-ignore: decorator
@inline
export function bytes(count: i32): usize {
  return <usize>count << 2;
}

// @ts-ignore: decorator
@inline
function sumLanes(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

/** Sum of a * b. */
export function dot(a: usize, b: usize, width: usize): f32 {
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  let sum2 = f32x4.splat(0);
  let sum3 = f32x4.splat(0);
  for (let at: usize = 0; at < width; at += 64) {
    sum0 = f32x4.add(sum0, f32x4.mul(v128.load(a + at), v128.load(b + at)));
    sum1 = f32x4.add(sum1, f32x4.mul(v128.load(a + at, 16), v128.load(b + at, 16)));
    sum2 = f32x4.add(sum2, f32x4.mul(v128.load(a + at, 32), v128.load(b + at, 32)));
    sum3 = f32x4.add(sum3, f32x4.mul(v128.load(a + at, 48), v128.load(b + at, 48)));
  }
  return sumLanes(f32x4.add(f32x4.add(sum0, sum1), f32x4.add(sum2, sum3)));
}

/** out = a - b */
export function subtract(out: usize, a: usize, b: usize, width: usize): void {
  for (let at: usize = 0; at < width; at += 16) {
    v128.store(out + at, f32x4.sub(v128.load(a + at), v128.load(b + at)));
  }
}

/** out += factor * a */
export function addScaled(out: usize, factor: f32, a: usize, width: usize): void {
  const factors = f32x4.splat(factor);
  for (let at: usize = 0; at < width; at += 16) {
    v128.store(out + at, f32x4.add(v128.load(out + at), f32x4.mul(factors, v128.load(a + at))));
  }
}

/** out = factor * a */
export function scale(out: usize, factor: f32, a: usize, width: usize): void {
  const factors = f32x4.splat(factor);
  for (let at: usize = 0; at < width; at += 16) v128.store(out + at, f32x4.mul(factors, v128.load(a + at)));
}

/**
 * out = start + sum over i < count of weights[i] * table[rows[i]]; table has rows of `width`.
 * The one gather of the whole step: decoding gathers decoder rows, gradients gather errors and inputs. Four rows at a time
 * are read from end to end, which the processor fetches ahead. `start` and `out` may be the same row.
 */
export function gatherSum(
  out: usize,
  start: usize,
  table: usize,
  rows: usize,
  weights: usize,
  count: i32,
  width: usize,
): void {
  let from = start;
  for (; count >= 4; count -= 4, rows += 16, weights += 16, from = out) {
    const row0 = table + <usize>load<i32>(rows) * width;
    const row1 = table + <usize>load<i32>(rows, 4) * width;
    const row2 = table + <usize>load<i32>(rows, 8) * width;
    const row3 = table + <usize>load<i32>(rows, 12) * width;
    const weight0 = v128.load32_splat(weights);
    const weight1 = v128.load32_splat(weights, 4);
    const weight2 = v128.load32_splat(weights, 8);
    const weight3 = v128.load32_splat(weights, 12);
    for (let at: usize = 0; at < width; at += 16) {
      let sum = f32x4.add(v128.load(from + at), f32x4.mul(weight0, v128.load(row0 + at)));
      sum = f32x4.add(sum, f32x4.mul(weight1, v128.load(row1 + at)));
      sum = f32x4.add(sum, f32x4.mul(weight2, v128.load(row2 + at)));
      v128.store(out + at, f32x4.add(sum, f32x4.mul(weight3, v128.load(row3 + at))));
    }
  }
  for (; count > 0; count--, rows += 4, weights += 4, from = out) {
    const row = table + <usize>load<i32>(rows) * width;
    const weight = v128.load32_splat(weights);
    for (let at: usize = 0; at < width; at += 16) {
      v128.store(out + at, f32x4.add(v128.load(from + at), f32x4.mul(weight, v128.load(row + at))));
    }
  }
  if (from != out) memory.copy(out, start, width);
}
