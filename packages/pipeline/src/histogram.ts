import type { Histogram } from '@monosema/catalog';

/**
 * Counts values in equal bins of [0, maximum]; a value on an inner edge belongs to the bin above it, the maximum to the last bin.
 *
 * @param values positive, at most `maximum`
 * @example histogramOf(Float32Array.of(1, 2, 4), 4, 4).counts // [0, 1, 1, 1]
 */
export function histogramOf(values: Float32Array, maximum: number, bins: number): Histogram {
  const counts = new Array<number>(maximum > 0 ? bins : 0).fill(0);
  for (const value of values) counts[Math.min(bins - 1, Math.floor((value / maximum) * bins))]!++;
  return { minimum: 0, maximum, counts };
}

/**
 * Counts log10 of the values in equal bins from the least to the greatest; one bin when all are equal, null when there
 * is none. The tail of weak firings, which fills the first bin of a linear histogram, is spread out here.
 *
 * @param values positive
 * @example logHistogramOf(Float32Array.of(0.1, 1, 10), 2) // { minimum: -1, maximum: 1, counts: [1, 2] }
 */
export function logHistogramOf(values: Float32Array, bins: number): Histogram | null {
  if (values.length === 0) return null;
  let [least, greatest] = [Infinity, -Infinity];
  for (const value of values) {
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }
  const [minimum, maximum] = [Math.fround(Math.log10(least)), Math.fround(Math.log10(greatest))];
  if (!(maximum > minimum)) return { minimum, maximum: minimum, counts: [values.length] };
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) {
    const bin = Math.floor(((Math.log10(value) - minimum) / (maximum - minimum)) * bins);
    counts[Math.max(0, Math.min(bins - 1, bin))]!++;
  }
  return { minimum, maximum, counts };
}
