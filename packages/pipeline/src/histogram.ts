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
