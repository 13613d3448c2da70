import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { afterMarker } from './after-marker.ts';
import { gunzipped } from './gunzip.ts';
import { jsonMembers, type JsonMember, type JsonMemberOptions } from './json-members.ts';
import { parseJson } from './json-text.ts';
import { lines } from './lines.ts';

/** The bytes in pieces of a given size, so that every border falls somewhere awkward. */
async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

const text = (value: string, size = 3): AsyncGenerator<Uint8Array> => inPieces(Buffer.from(value), size);

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const value of values) found.push(value);
  return found;
}

const membersOf = (json: string, size: number, options?: JsonMemberOptions) =>
  all(jsonMembers(text(json, size), options));

describe('JSON member by member', () => {
  const value = {
    model_id: 'gpt2-small',
    layer: 0,
    none: null,
    'a "key" with \\ and {': [1, [2, { x: ']}' }]],
    features: [{ i: 0, tokens: ['"', '\\', '}', 'ãĤ±', '日本'] }, 7, 'word', [], true],
    negative: -1.5e-7,
    empty: [],
  };
  const expected = Object.entries(value).flatMap(([key, member]): JsonMember[] =>
    key === 'features'
      ? value.features.map((each, element) => ({ key, element, value: each }))
      : [{ key, element: null, value: member }],
  );

  test.each([1, 2, 3, 7, 64, 10_000])('reads what JSON.parse reads, in pieces of %i bytes', async (size) => {
    for (const indent of [0, 4])
      expect(await membersOf(JSON.stringify(value, null, indent), size, { elementsOf: 'features' })).toEqual(expected);
  });

  test('may be followed by more where that is asked for, and only there', async () => {
    expect(await membersOf('{"a": 1};\n}', 4, { more: true })).toEqual([{ key: 'a', element: null, value: 1 }]);
    await expect(membersOf('{"a": 1};', 4)).rejects.toThrow('byte 8 of the JSON is ";", where the end should be');
  });

  test('refuses what is no object, malformed, or cut off', async () => {
    await expect(membersOf('[1]', 2)).rejects.toThrow('byte 0 of the JSON is "[", where a JSON object should be');
    await expect(membersOf('{"a": [1}', 2)).rejects.toThrow('"a" of the JSON is malformed');
    await expect(membersOf('{"a": {"b": 1', 2)).rejects.toThrow(
      'the JSON ends after 13 bytes, where a value should follow',
    );
    await expect(membersOf('', 2)).rejects.toThrow('the JSON ends after 0 bytes, where a JSON object should follow');
  });

  test('asks for no more bytes once a reader stops', async () => {
    let asked = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('{"features": [');
      for (;;) {
        asked++;
        yield await Promise.resolve(Buffer.from('{"i": 1},'));
      }
    }
    for await (const { element } of jsonMembers(endless(), { elementsOf: 'features' })) if (element === 4) break;
    expect(asked).toBeLessThan(8);
  });
});

test("numbers that Python's json writes and JSON has not are null, and words in strings stay", () => {
  expect(parseJson('{"a": [NaN, -Infinity, Infinity, 1], "NaN": "x \\"NaN\\" Infinity"}')).toEqual({
    a: [null, null, null, 1],
    NaN: 'x "NaN" Infinity',
  });
  expect(() => parseJson('{"a": NaNs}')).toThrow(SyntaxError);
});

describe('gunzip', () => {
  const plain = Buffer.from('{"a": 1}\n'.repeat(100_000));

  test('unpacks gzip of several members, and passes on what is none', async () => {
    const packed = Buffer.concat([gzipSync(plain), gzipSync(plain)]);
    expect(Buffer.concat(await all(gunzipped(inPieces(packed, 97)))).equals(Buffer.concat([plain, plain]))).toBe(true);
    expect(Buffer.concat(await all(gunzipped(inPieces(plain, 1000)))).equals(plain)).toBe(true);
    expect(await all(gunzipped(inPieces(new Uint8Array(0), 1)))).toEqual([]);
    expect(Buffer.concat(await all(gunzipped(inPieces(Buffer.from('x'), 1)))).toString()).toBe('x');
  });

  test('notices bytes that are cut off or changed', async () => {
    const packed = gzipSync(plain);
    await expect(all(gunzipped(inPieces(packed.subarray(0, -5), 100)))).rejects.toThrow('unexpected end of file');
    const changed = Uint8Array.from(packed);
    changed[changed.length - 6]! ^= 1;
    await expect(all(gunzipped(inPieces(changed, 100)))).rejects.toThrow('incorrect data check');
  });

  test("gives its source's error, and lets go of the source in any case", async () => {
    let closed = 0;
    async function* half(breaks: boolean): AsyncGenerator<Uint8Array> {
      try {
        const packed = gzipSync(plain);
        yield packed.subarray(0, packed.length / 2);
        await Promise.resolve();
        if (breaks) throw new Error('the connection broke');
        for (;;) yield await new Promise<Uint8Array>((resolve) => setTimeout(() => resolve(packed.subarray(0, 1)), 5));
      } finally {
        closed++;
      }
    }
    await expect(all(gunzipped(half(true)))).rejects.toThrow('the connection broke');
    for await (const _ of gunzipped(half(false))) break;
    expect(closed).toBe(2);
  });
});

test.each([1, 2, 5, 100])('lines in pieces of %i bytes', async (size) => {
  const found: string[] = [];
  for await (const ended of lines(text('one\n\ntwo: 日本\nlast', size)))
    found.push(...ended.map((line) => Buffer.from(line).toString()));
  expect(found).toEqual(['one', '', 'two: 日本', 'last']);
  expect((await all(lines(text('a\n', size)))).flat()).toHaveLength(1);
});

test.each([1, 2, 5, 100])('what follows a marker, in pieces of %i bytes', async (size) => {
  expect(Buffer.concat(await all(afterMarker(text('aab aabc def', size), 'aabc'))).toString()).toBe(' def');
  await expect(all(afterMarker(text('aab', size), 'aabc'))).rejects.toThrow('the file holds no "aabc"');
});
