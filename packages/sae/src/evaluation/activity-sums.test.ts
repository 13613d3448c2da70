import { expect, test } from 'vitest';
import { densityHistogram } from './activity-sums.ts';

test('densities are counted by their logarithm; dead features are in no bin', () => {
  const { from, binWidth, counts } = densityHistogram(Float64Array.of(0, 0, 1, 0.5, 0.1, 0.012, 1e-9));
  expect([from, binWidth, counts.length]).toEqual([-7, 0.25, 28]);
  const filled = counts.flatMap((count, bin) => (count > 0 ? [[bin, count]] : []));
  // 1e-9 is in the first bin, 0.012 in the one from 10^-2, 0.1 from 10^-1, 0.5 from 10^-0.5, 1 in the last.
  expect(filled).toEqual([[0, 1], [20, 1], [24, 1], [26, 1], [27, 1]]); // prettier-ignore
});
