import type { FeatureDetails } from '@monosema/catalog';

/**
 * Variance, skewness and excess kurtosis of values about their mean, as of a whole population; the last two are 0 where
 * all values are equal. Null when there is none. Sums are float64 in the order of the values.
 *
 * @example momentsOf(Float32Array.of(1, 2, 3)) // { variance: 2/3, skewness: 0, kurtosis: -1.5 }
 */
export function momentsOf(values: Float32Array): FeatureDetails['moments'] {
  if (values.length === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let [second, third, fourth] = [0, 0, 0];
  for (const value of values) {
    const difference = value - mean;
    const square = difference * difference;
    second += square;
    third += square * difference;
    fourth += square * square;
  }
  const variance = second / values.length;
  if (variance === 0) return { variance, skewness: 0, kurtosis: 0 };
  return {
    variance,
    skewness: third / values.length / variance ** 1.5,
    kurtosis: fourth / values.length / variance ** 2 - 3,
  };
}
