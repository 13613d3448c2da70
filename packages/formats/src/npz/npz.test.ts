import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { fuzz } from '../fuzz.fixture.ts';
import { bytesSource, FormatError, openNpz, readSafetensors, type TensorFile } from '../index.ts';
import { makeZip } from '../zip/make-zip.fixture.ts';

// Made by NumPy: scripts/make-npz-golden.py.
const fixture = (name: string): Promise<Uint8Array> => readFile(new URL(`golden/${name}`, import.meta.url));

test.each(['stored.npz', 'deflated.npz'])('%s: every array is as NumPy wrote it', async (name) => {
  const expected = readSafetensors(await fixture('expected.safetensors'));
  const file = await openNpz(bytesSource(await fixture(name)));
  expect([...file.tensors.keys()].sort()).toEqual(Object.keys(expected).sort());
  for (const [array, values] of Object.entries(expected)) expect(await file.read(array), array).toEqual(values);
  expect(file.tensors.get('half')).toEqual({ dtype: 'F16', shape: [3] });
  await expect(file.read('toString')).rejects.toThrow('no array "toString"');
});

test('an array of objects, which would be a pickle, is refused', async () => {
  await expect(openNpz(bytesSource(await fixture('objects.npz')))).rejects.toThrow(
    'array "names": type "|O"; read are <f8',
  );
});

const npy = (header: string, dataBytes: number, version = 1): Uint8Array =>
  Buffer.concat([
    Buffer.from(`\x93NUMPY`, 'latin1'),
    Buffer.of(version, 0),
    Buffer.from(version === 1 ? Uint16Array.of(header.length).buffer : Uint32Array.of(header.length).buffer),
    Buffer.from(header),
    Buffer.alloc(dataBytes),
  ]);
const header = (shape: string, descr = '<f4', order = 'False'): string =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }\n`;
const open = (bytes: Uint8Array): Promise<TensorFile> => openNpz(bytesSource(makeZip([{ name: 'a.npy', bytes }])));

test('versions 2 and 3 have a longer length', async () => {
  for (const version of [2, 3])
    expect((await (await open(npy(header('(2,)'), 8, version))).read('a')).shape).toEqual([2]);
});

test.each([
  ['another magic', Buffer.from('\x93NUMPX\x01\0\0\0'), 'this is no .npy file'],
  ['version 4', npy(header('(2,)'), 8, 4), 'version 4 of the format'],
  ['a long header', npy(header('(2,)').padEnd(70_000), 8, 2), 'a header of 70000 bytes'],
  ['a header behind the end', npy(header('(2,)'), 0).subarray(0, 20), 'the file ends before'],
  ['another dict', npy("{'descr': '<f4'}\n", 8), 'a header that NumPy does not write'],
  ['a program', npy("{'descr': '<f4', 'fortran_order': False, 'shape': __import__('os'), }\n", 8), 'does not write'],
  ['fields', npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }\n", 8), 'does not write'],
  ['a big-endian type', npy(header('(2,)', '>f4'), 8), 'type ">f4"; read are'],
  ['too few bytes', npy(header('(3,)'), 8), 'shape [3] of type <f4 takes 12 bytes, but there are 8'],
  ['a shape that overflows', npy(header('(99999999999999999999, 99999999999999999999)'), 8), 'takes 4e+40 bytes'],
  ['too many axes', npy(header(`(${'1, '.repeat(8)}1)`), 4), '9 axes, at most 8'],
])('%s is refused', async (_what, bytes, message) => {
  await expect(open(bytes)).rejects.toThrow(FormatError);
  await expect(open(bytes)).rejects.toThrow(message);
});

test('an archive of something else is refused', async () => {
  const archive = makeZip([{ name: 'a.txt', bytes: Buffer.from('hello') }]);
  await expect(openNpz(bytesSource(archive))).rejects.toThrow('entry "a.txt" is no .npy file');
});

test('a damaged archive gives a FormatError or arrays within bounds', async () => {
  const outcomes = await fuzz({
    rounds: 300,
    seed: 20_261_125,
    good: await fixture('deflated.npz'),
    open: openNpz,
    tensorBytes: 10_000,
  });
  expect(outcomes.refused).toBeGreaterThan(100);
});
