import type { ActivationRows } from './activation-store.ts';

/** The mean row, [width]. */
export function meanOf(parts: readonly ActivationRows[], width: number): Float64Array {
  const sums = new Float64Array(width);
  let count = 0;
  for (const { data, rows } of parts) {
    for (let i = 0; i < data.length; i++) sums[i % width]! += data[i]!;
    count += rows;
  }
  return sums.map((sum) => sum / count);
}

/** The mean Euclidean norm of rows of `width`. Over all of them: SAELens once looked at one token a batch (#467). */
export function meanNorm(parts: readonly ActivationRows[], width: number): number {
  let total = 0;
  let count = 0;
  for (const { data, rows } of parts) {
    for (let row = 0; row < rows; row++) {
      let squares = 0;
      for (let d = row * width; d < (row + 1) * width; d++) squares += data[d]! ** 2;
      total += Math.sqrt(squares);
    }
    count += rows;
  }
  return total / count;
}

/** At most `count` rows, taken evenly, [rows * width]. */
export function sampleOf(parts: readonly ActivationRows[], width: number, count: number): Float32Array {
  const total = parts.reduce((sum, { rows }) => sum + rows, 0);
  const kept = Math.min(count, total);
  const out = new Float32Array(kept * width);
  let part = 0;
  let start = 0;
  for (let i = 0; i < kept; i++) {
    const row = Math.floor((i * total) / kept);
    while (row >= start + parts[part]!.rows) start += parts[part++]!.rows;
    const from = (row - start) * width;
    out.set(parts[part]!.data.subarray(from, from + width), i * width);
  }
  return out;
}
