import { expect, test } from 'vitest';
import { StringTable } from './string-table.ts';

const get = (table: StringTable, raw: string, hash: number): string | null => {
  const line = Buffer.from(`[${raw}]`);
  return table.get(line, 1, line.length - 1, hash);
};

test('strings of one hash are told apart by their bytes', () => {
  const table = new StringTable();
  for (let round = 0; round < 2; round++)
    for (const raw of ['ab', 'ac', 'abc', '', 'é']) expect(get(table, raw, 7)).toBe(raw);
});

test('ten thousand strings keep their own', () => {
  const table = new StringTable();
  for (let round = 0; round < 2; round++)
    for (let i = 0; i < 10_000; i++)
      expect(get(table, `token ${i}`, Math.imul(i % 5000, 2654435761) | 0)).toBe(`token ${i}`);
});

test('escapes are undone; what is no string of JSON is none', () => {
  const table = new StringTable();
  expect(get(table, '\\u0041\\n', 1)).toBe('A\n');
  expect(get(table, 'A\\n', 2)).toBe('A\n');
  expect(get(table, '\\x', 3)).toBeNull();
  expect(get(table, '\\x', 3)).toBeNull();
});
