import { expect, test } from 'vitest';
import { spread, usableRows } from './contexts.ts';

test('contexts are taken evenly', () => {
  const contexts = Array.from({ length: 10 }, (_, i) => new Int32Array(4).fill(i));
  expect(spread(contexts, 20).map((context) => context[0])).toEqual([0, 2, 4, 6, 8]);
  expect(spread(contexts, 1e9)).toEqual(contexts);
  expect(spread(contexts, 1)).toHaveLength(1);
});

test('rows of excluded tokens are left out', () => {
  expect(usableRows(Int32Array.of(1, 5, 1, 6), Float32Array.of(1, 1, 2, 3, 4, 4, 5, 6), 2, new Set([1]))).toEqual(
    Float32Array.of(2, 3, 5, 6),
  );
});
