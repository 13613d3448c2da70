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
 * The one gather of the whole step: decoding gathers decoder rows, gradients gather errors and inputs.
 * A row of -1 is skipped. `start` and `out` may be the same row.
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
  const end = bytes(count);
  for (let at: usize = 0; at < width; at += 64) {
    let sum0 = v128.load(start + at);
    let sum1 = v128.load(start + at, 16);
    let sum2 = v128.load(start + at, 32);
    let sum3 = v128.load(start + at, 48);
    for (let i: usize = 0; i < end; i += 4) {
      const row = load<i32>(rows + i);
      if (row < 0) continue;
      const from = table + <usize>row * width + at;
      const weight = v128.load32_splat(weights + i);
      sum0 = f32x4.add(sum0, f32x4.mul(weight, v128.load(from)));
      sum1 = f32x4.add(sum1, f32x4.mul(weight, v128.load(from, 16)));
      sum2 = f32x4.add(sum2, f32x4.mul(weight, v128.load(from, 32)));
      sum3 = f32x4.add(sum3, f32x4.mul(weight, v128.load(from, 48)));
    }
    v128.store(out + at, sum0);
    v128.store(out + at, sum1, 16);
    v128.store(out + at, sum2, 32);
    v128.store(out + at, sum3, 48);
  }
}
