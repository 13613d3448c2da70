import { expect, test } from 'vitest';
import { roundTicks, yTicks } from './histogram.tsx';

test.each([
  [1, [0, 1]],
  [30, [0, 10, 20, 30]],
  [87, [0, 50]],
  [1234, [0, 500, 1000]],
])('an axis up to %d has round ticks', (highest, ticks) => expect(yTicks(highest)).toEqual(ticks));

test.each([
  [0, 2.16, [0, 0.5, 1, 1.5, 2]],
  [0, 0.3, [0, 0.1, 0.2, 0.3]],
  [-5, 0, [-5, -4, -3, -2, -1, 0]],
  [3, 3, [3]],
])('an axis from %d to %d has round ticks', (from, to, ticks) => expect(roundTicks(from, to)).toEqual(ticks));
