import { expect, test } from 'vitest';
import { openMutated } from './mutations.fixture.ts';

test('10,000 broken files of any layout are refused as such, or read; nothing else happens', async () => {
  const outcomes = await openMutated(6, 10_000);
  expect(Object.keys(outcomes).sort()).toEqual(['', 'FormatError', 'SaeFormatError']);
}, 300_000);
