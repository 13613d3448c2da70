import { expect, test } from 'vitest';
import { openMutated } from './mutations.fixture.ts';

test('broken files of any layout are refused as such, or read; nothing else happens', async () => {
  const outcomes = await openMutated(5, 150);
  expect(Object.keys(outcomes).sort()).toEqual(['', 'FormatError', 'SaeFormatError']);
});
