import { expect, test } from 'vitest';
import { formatDuration } from './duration.ts';

test.each([
  [-50, '0 s'],
  [59_400, '59 s'],
  [59_600, '1 min 0 s'],
  [75_400, '1 min 15 s'],
  [2 * 3600e3 + 59e3, '2 h 0 min'],
])('%d ms is %s', (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text));
