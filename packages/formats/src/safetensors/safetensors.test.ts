import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { fuzz } from '../fuzz.fixture.ts';
import {
  bytesSource,
  FormatError,
  openFileSource,
  openSafetensors,
  readSafetensors,
  readSafetensorsHeader,
  readShardIndex,
  safetensorsLimits,
  writeSafetensors,
} from '../index.ts';

const fixture = (name: string): Promise<Uint8Array> => readFile(new URL(name, import.meta.url));

/** A file with any header, valid or not. */
function fileOf(header: unknown, dataBytes = 0): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
}
const tensor = (begin: number, end: number, shape = [(end - begin) / 4], dtype = 'F32'): object => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

// Made by the Python library: scripts/make-safetensors-golden.py.
test('a file of the Python library is read, and written back byte for byte', async () => {
  const bytes = await fixture('golden.safetensors');
  const arrays = readSafetensors(bytes);
  expect(arrays).toEqual({
    single: { data: Float32Array.of(0.5, -1.25, 3e-5, 1e30, -0, 7), shape: [2, 3] },
    'é.scalar': { data: Float32Array.of(2.5), shape: [] },
    whole: { data: Int32Array.of(1, -2, 2 ** 31 - 1, -(2 ** 31)), shape: [4] },
  });
  expect(readSafetensorsHeader(bytes).metadata).toEqual({ format: 'pt' });
  expect(Buffer.from(writeSafetensors(arrays, { format: 'pt' }))).toEqual(Buffer.from(bytes));
});

test('half precisions of the Python library become float32 exactly', async () => {
  const arrays = readSafetensors(await fixture('golden-halves.safetensors'));
  expect(arrays.halves?.data).toEqual(Float32Array.of(1, -2.5, 65504, 2 ** -24, Infinity));
  // The nearest bfloat16 of 3e38 and of the subnormal 1e-40.
  expect(arrays.brains?.data).toEqual(Float32Array.of(1, -2.5, 0xe2 * 2 ** 120, 2 ** -133));
  expect(arrays.empty).toEqual({ data: new Float32Array(0), shape: [0, 3] });
});

test('data that are not aligned are read', () => {
  const file = fileOf('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} ', 4);
  expect(file.byteLength % 4).not.toBe(0);
  new DataView(file.buffer).setFloat32(file.byteLength - 4, 1.5, true);
  expect(readSafetensors(file).a?.data).toEqual(Float32Array.of(1.5));
});

test('a tensor called __proto__ is only a tensor', () => {
  const arrays = readSafetensors(fileOf('{"__proto__":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}', 4));
  expect(Object.keys(arrays)).toEqual(['__proto__']);
  expect(Object.getPrototypeOf(arrays)).toBe(Object.prototype);
});

const hostile: [string, Uint8Array, string][] = [
  ['no header length', new Uint8Array(7), 'the file has 7 bytes'],
  [
    'a header beyond the file',
    Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, 0x7b),
    'the header claims 9 bytes, but the file has only 9',
  ],
  [
    'a huge header',
    Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255),
    `at most ${safetensorsLimits.headerBytes} are read`,
  ],
  ['a header that is not UTF-8', Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff), 'not UTF-8'],
  ['a header that is not an object', fileOf('[]'), 'does not begin with "{"'],
  ['a header that is not JSON', fileOf('{"a":'), 'not JSON'],
  [
    'a tensor twice',
    fileOf(
      '{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"\\u0061":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}',
      4,
    ),
    '"a" stands twice',
  ],
  [
    'a key twice',
    fileOf('{"a":{"dtype":"F32","shape":[],"shape":[1],"data_offsets":[0,4]}}', 4),
    '"shape" stands twice',
  ],
  ['an unknown key', fileOf({ a: { ...tensor(0, 4), strides: [1] } }, 4), 'tensor "a"'],
  [
    'an unknown dtype',
    fileOf({ a: tensor(0, 8, [1], 'I128') }, 8),
    'tensor "a" has dtype I128; known are F64, F32, F16, BF16, I64',
  ],
  ['a dtype that is not decoded', fileOf({ a: tensor(0, 8, [1], 'C64') }, 8), 'has dtype C64; read are F64, F32'],
  ['a dtype of an Object', fileOf({ a: tensor(0, 8, [1], 'toString') }, 8), 'has dtype toString; known are'],
  ['a header padded with NUL', fileOf('{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}\0\0', 4), 'not JSON'],
  ['a byte order mark', fileOf('\ufeff{}'), 'does not begin with "{"'],
  ['a negative size', fileOf({ a: tensor(0, 4, [-1, -1]) }, 4), 'tensor "a": shape.0'],
  ['a fractional size', fileOf({ a: tensor(0, 4, [0.5, 2]) }, 4), 'tensor "a": shape.0'],
  ['a shape that overflows', fileOf({ a: tensor(0, 4, [2 ** 40, 2 ** 40]) }, 4), 'takes'],
  [
    'a shape that disagrees with its bytes',
    fileOf({ a: tensor(0, 8, [3]) }, 8),
    'of shape [3] and dtype F32 takes 12 bytes, but data_offsets span 8',
  ],
  ['offsets that run backwards', fileOf({ a: tensor(4, 0, [1]) }, 4), 'data_offsets span -4'],
  ['offsets beyond the file', fileOf({ a: tensor(0, 8) }, 4), 'tensor "a" ends at byte 8 of the data, which has 4'],
  [
    'overlapping tensors',
    fileOf({ a: tensor(0, 8), b: tensor(4, 12) }, 12),
    'tensor "b" begins at byte 4 of the data, inside the tensor before it',
  ],
  [
    'a hole',
    fileOf({ a: tensor(0, 4), b: tensor(8, 12) }, 12),
    'bytes 4 to 8 of the data, before tensor "b", belong to no tensor',
  ],
  ['bytes left over', fileOf({ a: tensor(0, 4) }, 12), 'the last 8 bytes of the data belong to no tensor'],
  ['metadata that are not text', fileOf({ __metadata__: { step: 1 } }), '__metadata__ must map text to text'],
  ['a rank too high', fileOf({ a: tensor(0, 4, new Array<number>(9).fill(1)) }, 4), 'tensor "a": shape'],
];
test.each(hostile)('%s is refused', (_what, bytes, message) => {
  expect(() => readSafetensors(bytes)).toThrow(FormatError);
  expect(() => readSafetensors(bytes)).toThrow(message);
});

test('tensors of an open file are read one at a time', async () => {
  await using file = await openFileSource(fileURLToPath(new URL('golden.safetensors', import.meta.url)));
  const ranges: [number, number][] = [];
  const opened = await openSafetensors({
    size: file.size,
    read: (begin, end) => (ranges.push([begin, end]), file.read(begin, end)),
  });
  expect(opened.metadata).toEqual({ format: 'pt' });
  expect([...opened.tensors.keys()].sort()).toEqual(['single', 'whole', 'é.scalar']);
  const { dataStart } = opened;
  expect(ranges.splice(0)).toEqual([
    [0, 8],
    [8, dataStart],
  ]);
  expect(await opened.read('é.scalar')).toEqual({ data: Float32Array.of(2.5), shape: [] });
  expect(ranges).toEqual([[dataStart + 24, dataStart + 28]]);
  await expect(opened.read('toString')).rejects.toThrow('no tensor "toString"');
});

test('other number types become float32 or int32, or are refused', async () => {
  const bytes = new Uint8Array(24);
  const view = new DataView(bytes.buffer);
  view.setFloat64(0, 0.1, true);
  view.setBigInt64(8, -5n, true);
  view.setBigInt64(16, 2n ** 31n, true);
  const header = {
    double: tensor(0, 8, [1], 'F64'),
    long: tensor(8, 16, [1], 'I64'),
    bytes: tensor(16, 20, [4], 'U8'),
    flags: tensor(20, 24, [4], 'BOOL'),
  };
  const file = fileOf(header, 24);
  file.set(bytes, file.length - 24);
  expect(readSafetensors(file)).toEqual({
    double: { data: Float32Array.of(0.1), shape: [1] },
    long: { data: Int32Array.of(-5), shape: [1] },
    bytes: { data: Int32Array.of(0, 0, 0, 128), shape: [4] },
    flags: { data: Int32Array.of(0, 0, 0, 0), shape: [4] },
  });
  const wide = fileOf({ long: tensor(0, 8, [1], 'I64') }, 8);
  wide.set(bytes.subarray(16), wide.length - 8);
  expect(() => readSafetensors(wide)).toThrow('tensor "long": the whole number 2147483648 does not fit into 32 bits');
});

test('hostile files are refused when they are opened, not later', async () => {
  for (const [what, bytes, message] of hostile)
    if (!what.includes('not decoded')) await expect(openSafetensors(bytesSource(bytes)), what).rejects.toThrow(message);
});

test('a shard index names the file of each tensor, in its own folder', () => {
  const index = (file: string): string => JSON.stringify({ metadata: {}, weight_map: { a: file } });
  expect(readShardIndex(index('model-00001-of-00002.safetensors'))).toEqual(
    new Map([['a', 'model-00001-of-00002.safetensors']]),
  );
  for (const path of ['../a.safetensors', '/a.safetensors', 'b\\a.safetensors', '.safetensors', 'a.bin'])
    expect(() => readShardIndex(index(path)), path).toThrow('weight_map.a: must be the name of a .safetensors file');
  expect(() => readShardIndex('{"weight_map":{"a":"1.safetensors","a":"2.safetensors"}}')).toThrow('"a" stands twice');
  expect(() => readShardIndex('{')).toThrow(FormatError);
  expect(() => readShardIndex('[]')).toThrow(FormatError);
});

test('a damaged file gives a FormatError or tensors within bounds', async () => {
  const good = await fixture('golden.safetensors');
  const outcomes = await fuzz({ rounds: 500, seed: 20_261_125, good, open: openSafetensors, tensorBytes: 1000 });
  expect(outcomes.refused).toBeGreaterThan(100);
  expect(outcomes.read).toBeGreaterThan(10);
});

test('a shape that its data do not fill cannot be written', () => {
  expect(() => writeSafetensors({ a: { data: new Float32Array(3), shape: [2, 2] } })).toThrow(
    'tensor "a" has shape [2, 2] but 3 numbers',
  );
});

test('what is written does not depend on the order in which it is given', () => {
  const a = { data: Float32Array.of(1), shape: [1] };
  const b = { data: Int32Array.of(2), shape: [1] };
  expect(writeSafetensors({ b, a }, { y: '1', x: '2' })).toEqual(writeSafetensors({ a, b }, { x: '2', y: '1' }));
});
