import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ContextPacker, type PackingOptions } from './context-packer.ts';

type Case = Required<PackingOptions> & { documents: number[][]; rows: number[][] };
const golden = JSON.parse(
  readFileSync(new URL('../../fixtures/token-streams/packing.json', import.meta.url), 'utf8'),
) as Case[];

test('rows are those that SAELens 6.54 makes (scripts/record-token-streams.py)', () => {
  expect(golden.length).toBeGreaterThan(100);
  for (const { documents, rows, ...options } of golden) {
    const packer = new ContextPacker(options);
    expect(
      documents.flatMap((ids) => packer.add(ids)).map((row) => Array.from(row)),
      JSON.stringify({ documents, ...options }),
    ).toEqual(rows);
  }
});

test('a packer goes on from the row that another left', () => {
  for (const { documents, rows, ...options } of golden.filter(({ concatenate }) => concatenate)) {
    let rest: Int32Array = new Int32Array();
    const packed = documents.flatMap((ids) => {
      const packer = new ContextPacker(options);
      packer.rest = rest;
      const full = packer.add(ids);
      rest = packer.rest;
      return full;
    });
    expect(packed.map((row) => Array.from(row))).toEqual(rows);
  }
});

test('a context of one token is refused', () => {
  expect(() => new ContextPacker({ contextSize: 1, bos: 0, separator: 0 })).toThrow('contextSize is 1');
  const packer = new ContextPacker({ contextSize: 4, bos: 0, separator: 0 });
  expect(() => (packer.rest = [1, 2, 3, 4])).toThrow('4 tokens are no unfinished row');
});
