import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { bytesSource, FormatError, openTorch, readSafetensors, type TorchDict, type TorchFile } from '../index.ts';
import { fuzz } from '../fuzz.fixture.ts';

// Made by torch: scripts/make-torch-golden.py.
const fixture = (name: string): Promise<Uint8Array> => readFile(new URL(`golden/${name}`, import.meta.url));
const open = async (name: string): Promise<TorchFile> => openTorch(bytesSource(await fixture(name)));

test.each(['default.pt', 'protocol4.pt', 'before-1.6.pt'])('%s: every tensor is as torch reads it', async (name) => {
  const expected = readSafetensors(await fixture('expected.safetensors'));
  const file = await open(name);
  if (name === 'before-1.6.pt') delete expected['types.unsigned'];
  expect([...file.tensors.keys()].sort()).toEqual(Object.keys(expected).sort());
  for (const [tensor, array] of Object.entries(expected)) expect(await file.read(tensor), tensor).toEqual(array);
  expect(file.tensors.get('types.brain')).toMatchObject({ dtype: 'torch.bfloat16', shape: [4] });
});

test.each(['default.pt', 'protocol4.pt', 'before-1.6.pt'])('%s: plain values keep their kinds', async (name) => {
  const value = (await open(name)).value as TorchDict;
  expect([...value.keys()]).toEqual(['state', 'views', 'tied', 'types', 'config']);
  expect(value.get('config')).toEqual(
    new Map<unknown, unknown>([
      ['d_sae', 5],
      ['lr', 3e-4],
      ['seed', 2n ** 70n],
      ['negative', -(2 ** 40)],
      ['name', 'résidu\u2581'],
      ['tied', true],
      ['off', false],
      ['nothing', null],
      ['dtype', 'torch.bfloat16'],
      ['device', 'cuda:1'],
      ['size', [2, 3]],
      ['betas', [0.9, 0.999]],
      ['layers', [0, 300, 70_000]],
      ['tags', ['a']],
      ['bytes', Uint8Array.of(0, 255)],
      [
        'ordered',
        new Map([
          ['b', 1],
          ['a', 2],
        ]),
      ],
      [0, 'zero'],
      ['0', 'text zero'],
    ]),
  );
});

test('a tensor is read by itself too, and only the part of its storage in which it lies', async () => {
  const bytes = await fixture('default.pt');
  const lengths: number[] = [];
  const file = await openTorch({
    size: bytes.length,
    read: (begin, end) => (lengths.push(end - begin), bytesSource(bytes).read(begin, end)),
  });
  lengths.length = 0;
  const row = ((file.value as TorchDict).get('views') as TorchDict).get('row');
  expect(row).toBe(file.tensors.get('views.row'));
  expect((await file.read(file.tensors.get('views.row')!)).data).toEqual(
    Float32Array.from({ length: 6 }, (_, i) => (18 + i) / 8),
  );
  expect(lengths.at(-1)).toBe(6 * 4);
});

test('a file may be one tensor', async () => {
  const file = await open('one-tensor.pt');
  expect((await file.read('')).shape).toEqual([6]);
  await expect(file.read('weight')).rejects.toThrow('no tensor "weight"');
});

test('a whole module is refused by the name of its class', async () => {
  await expect(open('whole-module.pt')).rejects.toThrow('"__main__.Autoencoder" is not allowed');
});

test.each([
  ['default.pt', 40],
  ['before-1.6.pt', 40],
])('damaged %s: a FormatError or tensors within bounds', async (name, refusedAtLeast) => {
  const good = await fixture(name);
  const outcomes = await fuzz({
    rounds: 300,
    seed: 20_261_125,
    good,
    hot: [0, 3000],
    open: openTorch,
    tensorBytes: 16 * 2 ** 20,
  });
  expect(outcomes.refused).toBeGreaterThan(refusedAtLeast);
  expect(outcomes.read).toBeGreaterThan(10);
});

test('what is no torch file is refused', async () => {
  await expect(openTorch(bytesSource(new Uint8Array(0)))).rejects.toThrow(FormatError);
  await expect(openTorch(bytesSource(Buffer.from('<html>')))).rejects.toThrow('neither a zip archive nor a pickle');
});
