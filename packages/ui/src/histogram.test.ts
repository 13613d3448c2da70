import { expect, test } from 'vitest';
import { yTicks } from './histogram.tsx';

test.each([
  [1, [0, 1]],
  [30, [0, 10, 20, 30]],
  [87, [0, 50]],
  [1234, [0, 500, 1000]],
])('an axis up to %d has round ticks', (highest, ticks) => expect(yTicks(highest)).toEqual(ticks));
