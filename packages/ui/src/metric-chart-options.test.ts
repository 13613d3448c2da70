import { expect, test } from 'vitest';
import { yRange } from './metric-chart-options.ts';

test('a value that hardly moves is a level line, not noise over the whole height', () => {
  const [low, high] = yRange(7.9998, 8);
  expect(low).toBeCloseTo(7.92, 2);
  expect(high).toBeCloseTo(8.08, 2);
  expect(yRange(0, 0)).toEqual([-0.5, 0.5]);
});

test('what moves has room around it, and counts begin at 0', () => {
  expect(yRange(0, 2)).toEqual([0, 2.2]);
  expect(yRange(1, 2)).toEqual([0.9, 2.1]);
  expect(yRange(-1, 1)).toEqual([-1.2, 1.2]);
  expect(yRange(null, null)).toEqual([0, 1]);
});
