import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { tokensAndValues } from '../dashboard-fields.ts';
import { Fields } from '../fields.ts';
import { fixture } from '../fixtures.fixture.ts';
import type { Row } from '../records.ts';
import { ExampleLineReader } from './example-line.ts';

const reader = new ExampleLineReader();
const read = (text: string) => reader.read(Buffer.from(text));

/** What JSON.parse and the fields give of the same line. */
function plainly(text: string): unknown {
  const { tokens, values, ...rest } = JSON.parse(text) as Row;
  const row = { ...rest, tokens: 0, values: 0 };
  const { maximum: _, ...lists } = tokensAndValues(new Fields({ tokens, values }));
  return { row, ...lists };
}

test.each(['v1-database', 'v1-saedashboard'])('reads the lines of %s as JSON.parse does', async (name) => {
  for (const n of [0, 1]) {
    const packed = await readFile(fixture(`${name}/gpt2-small/0-res-jb/activations/batch-${n}.jsonl.gz`));
    const lines = gunzipSync(packed).toString().trim().split('\n');
    expect(lines).toHaveLength(16);
    for (const line of lines) expect(read(line)).toEqual(plainly(line));
  }
});

test.each([
  '{"tokens":["a"],"values":[1]}',
  '{"values": [0.0, -0.0, -1.5, 1e3, 2.5E-7, 0.1234567890123456789, 123456789012345678901234567890, 4.9e-324], "tokens": ["", "\\"", "\\\\", "\\u0000", "\\ud83d\\ude00", "日本", "]", "\\n}"], "a": {"b": ["}", "\\\\"]}, "c": null }',
  '{"x":"\\u0041","tokens":["\\u0041","A","A"],"values":[3,3,2.9999999999999996],"y":[1,[2,{"tokens":["z"]}]]}',
  '{"values":[0.3,0.30000000000000004,16777217],"tokens":["p","q","r"]}',
  '{"tokens": ["a" , "b"], "values": [ 1 , 2 ]}\r',
])('reads %s as JSON.parse does', (line) => {
  expect(read(line)).toEqual(plainly(line));
});

test.each([
  '',
  '[]',
  '{}',
  '{"tokens":["a"]}',
  '{"tokens":["a"],"values":[1]',
  '{"tokens":["a"],"values":[1]} x',
  '{"tokens":["a"],"values":[1],}',
  '{"tokens":["a"],"values":[1] "x":1}',
  '{"tokens":["a","b"],"values":[1]}',
  '{"tokens":[],"values":[]}',
  '{"tokens":["a"],"values":[NaN]}',
  '{"tokens":["a"],"values":[null]}',
  '{"tokens":["a"],"values":[01]}',
  '{"tokens":["a"],"values":[1.]}',
  '{"tokens":["a"],"values":[.5]}',
  '{"tokens":["a"],"values":[-]}',
  '{"tokens":["a"],"values":[1e39]}',
  '{"tokens":["a"],"values":["1"]}',
  '{"tokens":[1],"values":[1]}',
  '{"tokens":["a],"values":[1]}',
  '{"tokens":["\\x"],"values":[1]}',
  '{"tokens":["a\tb"],"values":[1]}',
  '{"tokens":"a","values":[1]}',
  '{"tokens":["a"],"values":[1],"x":tru}',
  '{"tokens":["a"],"values":[1],"x":"a}',
])('leaves %s to JSON.parse', (line) => {
  expect(read(line)).toBeNull();
});

test('reads made-up lines, whole and damaged, as JSON.parse does or not at all', () => {
  let state = 12345;
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const pieces = [' the', 'é', '"', '\\', '\n', '日', '\u{1f600}', '', '}', ']', ',', '\u2028', '<0x0A>', 'Ġa'];
  const numbers = [0, 0.5, 0.443, -2.214, 1e-12, 123456.789, 1 / 3, 7, 0.1 + 0.2, 2 ** 60];
  let quick = 0;
  for (let i = 0; i < 3000; i++) {
    const length = 1 + random(6);
    const list = <T>(from: readonly T[]): T[] => Array.from({ length }, () => from[random(from.length)]!);
    const row = {
      id: pieces[random(pieces.length)],
      tokens: list(pieces),
      x: [[random(9)], { y: '}' }],
      values: list(numbers),
      z: null,
    };
    let line = JSON.stringify(row);
    if (random(2) === 0) line = line.replaceAll(',"', ', "');
    if (random(3) === 0) {
      const at = random(line.length);
      line = line.slice(0, at) + '"\\,]}{0 -.e'[random(11)]! + line.slice(at + random(2));
    }
    // Half a character is none in UTF-8.
    line = Buffer.from(line).toString();
    const found = read(line);
    if (found === null) continue;
    quick++;
    expect(found).toEqual(plainly(line));
  }
  expect(quick).toBeGreaterThan(1900);
});
