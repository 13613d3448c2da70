// What the kernels do, in the plainest form. Tests compare.

/** Values of values[count] in falling order: the k-th of them is kthLargest. */
export const falling = (values: ArrayLike<number>): number[] => Array.from(values).sort((a, b) => b - a);

/** Indices of the k largest of those above `least`, ascending; between equal values the lower one. */
export function keepBest(values: ArrayLike<number>, k: number, least: number): number[] {
  return Array.from(values, (_, index) => index)
    .filter((index) => values[index]! > least)
    .sort((a, b) => values[b]! - values[a]! || a - b)
    .slice(0, k)
    .sort((a, b) => a - b);
}

/** start + the rows of a table, each times its weight, one after the other in float32. */
export function gatherSum(
  start: Float32Array,
  table: (row: number) => Float32Array,
  rows: readonly number[],
  weights: readonly number[],
): Float32Array {
  const out = start.slice();
  rows.forEach((row, i) => {
    const values = table(row);
    for (let d = 0; d < out.length; d++) out[d] = out[d]! + Math.fround(weights[i]! * values[d]!);
  });
  return out;
}

export interface Pair {
  sample: number;
  feature: number;
}

/** Pairs to feature-major order; within a feature, samples ascend. */
export const sortByFeature = <P extends Pair>(pairs: readonly P[]): P[] =>
  pairs.toSorted((a, b) => a.feature - b.feature || a.sample - b.sample);
