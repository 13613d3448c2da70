import { writeSafetensors, type NamedArrays } from '@monosema/formats';
import { expect, test } from 'vitest';
import { openSae, type OpenSaeOptions } from '../pretrained/index.ts';
import type { SaeParameters } from '../sae.ts';
import { testNumbers, testSae } from '../sae.fixture.ts';
import { memoryFolder } from './folder.ts';
import { transpose } from './transpose.ts';

const [dIn, dSae] = [6, 10];
const { parameters } = testSae({ architecture: 'standard' });
const arrays = ({ W_enc, W_dec, b_enc, b_dec }: SaeParameters): NamedArrays => ({
  W_enc: { data: W_enc, shape: [dIn, dSae] },
  b_enc: { data: b_enc!, shape: [dSae] },
  W_dec: { data: W_dec, shape: [dSae, dIn] },
  b_dec: { data: b_dec, shape: [dIn] },
});
const numbers = testNumbers(8);
const vector = (data = numbers(dSae)) => ({ data, shape: [data.length] });
const open = (tensors: NamedArrays, options: OpenSaeOptions = {}) =>
  openSae(memoryFolder({ 'sae.safetensors': writeSafetensors(tensors) }), options);

test('matrices are read either way round', async () => {
  const { sae } = await open(arrays(parameters));
  expect(sae.parameters).toEqual(parameters);
  const turned = {
    ...arrays(parameters),
    W_enc: { data: transpose(parameters.W_enc, dIn, dSae), shape: [dSae, dIn] },
    W_dec: { data: transpose(parameters.W_dec, dSae, dIn), shape: [dIn, dSae] },
  };
  const read = await open(turned);
  expect(read.sae.parameters).toEqual(parameters);
  expect(read.notes.filter(({ kind }) => kind === 'converted').map(({ field }) => field)).toEqual(['W_enc', 'W_dec']);
});

test('gated and JumpReLU ones are told by their tensors, TopK by a hint', async () => {
  const { W_enc, W_dec, b_dec } = arrays(parameters);
  const gated = {
    ...{ W_enc: W_enc!, W_dec: W_dec!, b_dec: b_dec! },
    b_gate: vector(),
    b_mag: vector(),
    r_mag: vector(),
  };
  expect((await open(gated)).sae.config.architecture).toBe('gated');
  const each = (await open({ ...arrays(parameters), threshold: vector(numbers(dSae).map(Math.abs)) })).sae;
  expect(each.config.architecture).toBe('jumprelu');
  const one = await open({ ...arrays(parameters), threshold: { data: Float32Array.of(0.25), shape: [] } });
  expect([...one.sae.parameters.threshold!]).toEqual(Array.from({ length: dSae }, () => 0.25));
  expect((await open(arrays(parameters), { hints: { k: 3 } })).sae.config).toMatchObject({
    architecture: 'topk',
    k: 3,
  });
  await expect(open(arrays(parameters), { hints: { architecture: 'topk' } })).rejects.toThrow('say k');
  const unset = { ...arrays(parameters), threshold: { data: Float32Array.of(-1), shape: [] } };
  await expect(open(unset)).rejects.toThrow('the threshold is unset (-1)');
});

test('numbers that are not finite are noted', async () => {
  const b_enc = vector(numbers(dSae).map((value, i) => (i === 2 ? NaN : i === 3 ? Infinity : value)));
  const { notes } = await open({ ...arrays(parameters), b_enc });
  expect(notes.find(({ field }) => field === 'b_enc')?.message).toBe('2 of the 10 numbers of b_enc are not finite');
});

test('an unknown tensor, a missing one and one of another shape are named', async () => {
  const all = arrays(parameters);
  await expect(open({ ...all, scale: vector() })).rejects.toThrow(
    'sae.safetensors: unknown tensor scale; known are W_enc, b_enc',
  );
  const { b_enc: _, ...rest } = all;
  await expect(open(rest)).rejects.toThrow('tensor b_enc is missing; there is ');
  await expect(open({ ...all, W_dec: { ...all['W_dec']!, shape: [dSae * dIn] } })).rejects.toThrow('is no matrix');
  await expect(open({ ...all, W_dec: { ...all['W_dec']!, shape: [12, 5] } })).rejects.toThrow(
    'W_dec has shape [12, 5], but [6, 10] is needed',
  );
});
