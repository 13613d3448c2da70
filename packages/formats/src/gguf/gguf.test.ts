import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { fuzz } from '../fuzz.fixture.ts';
import { bytesSource, FormatError, ggufLimits, openGguf, readSafetensors, type GgufFile } from '../index.ts';
import { entry, makeGguf, text, u32, u64, type MadeFile } from './make-gguf.fixture.ts';

// Made by the gguf package: scripts/make-gguf-golden.py.
const fixture = (name: string): Promise<Uint8Array> => readFile(new URL(`golden/${name}`, import.meta.url));
const open = (made: MadeFile): Promise<GgufFile> => openGguf(bytesSource(makeGguf(made)));

test('every type of number comes out as the gguf package unpacks it, to the last bit', async () => {
  const expected = readSafetensors(await fixture('expected.safetensors'));
  const file = await openGguf(bytesSource(await fixture('golden.gguf')));
  expect([...file.tensors.keys()].sort()).toEqual(Object.keys(expected).sort());
  expect(file.tensors.size).toBe(16);
  for (const [name, array] of Object.entries(expected)) expect(await file.read(name), name).toEqual(array);
  expect(file.tensors.get('cube')).toMatchObject({ dtype: 'F32', shape: [2, 3, 4] });
  expect(file.tensors.get('Q4_1')?.dtype).toBe('Q4_1');
  await expect(file.read('toString')).rejects.toThrow('no tensor "toString"');
});

test('metadata of every type are read', async () => {
  const { metadata, version } = await openGguf(bytesSource(await fixture('golden.gguf')));
  expect(version).toBe(3);
  expect(Object.fromEntries(metadata)).toEqual({
    'general.architecture': 'llama',
    'test.uint8': 255,
    'test.int8': -128,
    'test.uint16': 65_535,
    'test.int16': -32_768,
    'test.uint32': 2 ** 32 - 1,
    'test.int32': -(2 ** 31),
    'test.float32': 0.5,
    'test.uint64': 2n ** 64n - 1n,
    'test.int64': -(2 ** 40),
    'test.float64': 0.1,
    'test.bool': true,
    'test.string': 'résidu\u2581',
    'test.texts': ['<s>', '', '\u2581a'],
    'test.floats': [0.5, -1.5],
    'test.flags': [true, false],
    'test.nested': [[1, 2], [3]],
  });
});

test('a header that is longer than the first part that is read', async () => {
  const many = Array.from({ length: 20_000 }, (_, i) => text(`token ${i}`));
  const tokens = entry('tokens', 9, Buffer.concat([u32(8), u64(many.length), ...many]));
  const bytes = makeGguf({ entries: [tokens], tensors: [{}], dataBytes: 8 });
  const reads: number[] = [];
  const source = bytesSource(bytes);
  const file = await openGguf({ ...source, read: (begin, end) => (reads.push(end - begin), source.read(begin, end)) });
  expect(file.metadata.get('tokens')).toHaveLength(20_000);
  expect(reads.length).toBeGreaterThan(2);
  expect(await file.read('a')).toEqual({ data: new Float32Array(2), shape: [2] });
});

test('version 2 and another alignment are read', async () => {
  const alignment = entry('general.alignment', 4, u32(8));
  const tensors = [{}, { name: 'b', offset: 8 }];
  expect((await open({ version: 2, entries: [alignment], tensors, dataBytes: 16 })).tensors.size).toBe(2);
  await expect(open({ tensors, dataBytes: 16 })).rejects.toThrow('"b" begins at byte 8 of the data, no multiple of 32');
});

const nested = (depth: number): Buffer =>
  depth === 0 ? Buffer.concat([u32(0), u64(0)]) : Buffer.concat([u32(9), u64(1), nested(depth - 1)]);
const hostile: [string, MadeFile, string][] = [
  ['another magic', { magic: 'GGML' }, 'does not begin with "GGUF"'],
  ['version 1', { version: 1 }, 'version 1; read are 2 and 3'],
  ['a big-endian file', { version: 3 * 2 ** 24 }, 'a big-endian machine'],
  ['more tensors than there are', { tensorCount: 1 }, 'the file ends before'],
  ['2^60 tensors', { tensorCount: 2n ** 60n }, 'the number of tensors is 1152921504606846976'],
  ['a million tensors', { tensorCount: 1_000_000 }, `at most ${ggufLimits.tensors} are read`],
  ['2^64 - 1 keys', { entryCount: 2n ** 64n - 1n }, 'the number of metadata keys is 18446744073709551615'],
  ['a million keys', { entryCount: 1_000_000 }, `at most ${ggufLimits.metadata} are read`],
  ['a key twice', { entries: [entry('a', 0, Buffer.of(1)), entry('a', 0, Buffer.of(2))] }, 'key "a" stands twice'],
  ['an unknown type', { entries: [entry('a', 13, u32(0))] }, '"a" has type 13; known are 0 to 12'],
  ['a boolean of 2', { entries: [entry('a', 7, Buffer.of(2))] }, '"a" is a boolean of value 2'],
  ['a text behind the end', { entries: [entry('a', 8, u64(1_000_000))] }, 'the file ends before'],
  ['a text of 2^63', { entries: [entry('a', 8, u64(2n ** 63n))] }, 'the length of "a" is 9223372036854775808'],
  ['a text that is not UTF-8', { entries: [entry('a', 8, text(Buffer.of(0xff)))] }, '"a" is not UTF-8'],
  ['a list of 2^40', { entries: [entry('a', 9, Buffer.concat([u32(0), u64(2n ** 40n)]))] }, 'the file ends before'],
  ['lists in lists', { entries: [entry('a', 9, nested(5))] }, 'more than 4 deep'],
  ['an alignment of 0', { entries: [entry('general.alignment', 4, u32(0))] }, 'general.alignment is 0'],
  ['an alignment of 48', { entries: [entry('general.alignment', 4, u32(48))] }, 'must be a power of two'],
  ['an alignment that is text', { entries: [entry('general.alignment', 8, text('32'))] }, 'must be a power of two'],
  ['a long name', { tensors: [{ name: 'a'.repeat(65) }], dataBytes: 8 }, 'a tensor name of 65 bytes'],
  ['a tensor twice', { tensors: [{}, { offset: 32 }], dataBytes: 64 }, 'tensor "a" stands twice'],
  ['five dimensions', { tensors: [{ sizes: [1, 1, 1, 1, 1] }], dataBytes: 32 }, 'has 5 dimensions, at most 4'],
  ['an unknown tensor type', { tensors: [{ type: 99 }], dataBytes: 32 }, 'tensor "a" has type 99; read are F32, F16'],
  ['a type that is not read', { tensors: [{ type: 16, sizes: [256] }] }, 'tensor "a" has type IQ2_XXS; read are'],
  ['half a block', { tensors: [{ type: 2, sizes: [48] }], dataBytes: 64 }, 'has rows of 48, no multiple of 32'],
  ['a shape that overflows', { tensors: [{ sizes: [2n ** 40n, 2n ** 40n] }] }, 'tensor "a" has shape ['],
  ['a size of 2^63', { tensors: [{ sizes: [2n ** 63n] }] }, 'a size of tensor "a" is 9223372036854775808'],
  ['a tensor behind the end', { tensors: [{ sizes: [9] }], dataBytes: 32 }, 'but the file has'],
  ['a place behind the end', { tensors: [{ offset: 2n ** 45n }], dataBytes: 32 }, 'but the file has'],
  [
    'overlapping tensors',
    { tensors: [{ sizes: [16] }, { name: 'b', offset: 32 }], dataBytes: 64 },
    'tensor "b" begins at byte',
  ],
];
test.each(hostile)('%s is refused', async (_what, made, message) => {
  await expect(open(made)).rejects.toThrow(FormatError);
  await expect(open(made)).rejects.toThrow(message);
});

test('what ends early is refused, wherever it ends', async () => {
  const bytes = await fixture('golden.gguf');
  for (let length = 0; length < bytes.length; length += 37)
    await expect(openGguf(bytesSource(bytes.subarray(0, length))), `${length} bytes`).rejects.toThrow(FormatError);
});

test('a damaged file gives a FormatError or tensors within bounds', async () => {
  const good = await fixture('golden.gguf');
  const outcomes = await fuzz({
    rounds: 300,
    seed: 20_261_125,
    good,
    hot: [0, 1800],
    open: openGguf,
    tensorBytes: 8 * good.length,
  });
  expect(outcomes.refused).toBeGreaterThan(100);
  expect(outcomes.read).toBeGreaterThan(10);
});
