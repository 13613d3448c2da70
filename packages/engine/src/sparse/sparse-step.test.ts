import { afterEach, expect, test } from 'vitest';
import { fitsSparseStep, openSparseStep } from './index.ts';
import { referenceState, referenceStep } from './reference-step.ts';
import type { StepParameters, SparseStep, SparseStepOptions } from './types.ts';

const opened: SparseStep[] = [];
afterEach(() => Promise.all(opened.splice(0).map((step) => step.close())));
async function open(options: SparseStepOptions): Promise<SparseStep> {
  const step = await openSparseStep(options);
  opened.push(step);
  return step;
}

/** Deterministic numbers, roughly normal. */
function numbers(seed: number): () => number {
  let state = seed;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 0) / 2 ** 32 - 0.5;
  };
  return () => 2 * (uniform() + uniform() + uniform());
}
const fill = (length: number, next: () => number, scale = 1): Float32Array =>
  Float32Array.from({ length }, () => next() * scale);

function randomParameters(dIn: number, dSae: number, seed = 1, free = false): StepParameters {
  const next = numbers(seed);
  const W_dec = fill(dSae * dIn, next);
  for (let f = 0; f < dSae; f++) {
    const row = W_dec.subarray(f * dIn, (f + 1) * dIn);
    const norm = Math.hypot(...row);
    const wanted = free ? 0.5 + Math.abs(next()) : 1;
    row.forEach((value, d) => (row[d] = (wanted * value) / norm));
  }
  return {
    W_enc: fill(dIn * dSae, next, 1 / Math.sqrt(dIn)),
    b_enc: fill(dSae, next, 0.1),
    W_dec,
    b_dec: fill(dIn, next, 0.2),
  };
}

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

type Case = Omit<SparseStepOptions, 'parameters' | 'optimiser'>;
const cases: Case[] = [
  { dIn: 64, dSae: 100, k: 8, batch: 50 },
  { dIn: 1, dSae: 3, k: 1, batch: 5 },
  { dIn: 17, dSae: 33, k: 33, batch: 16 },
  { dIn: 5, dSae: 41, k: 20, batch: 37, auxCoefficient: 1 },
  { dIn: 100, dSae: 250, k: 3, batch: 70, decoderRows: 'free', clipNorm: 0.5, rescaleByDecoderNorm: true },
  { dIn: 12, dSae: 30, k: 4, batch: 40, subtractDecoderBias: false, beta1: 0, beta2: 0.99 },
  { dIn: 24, dSae: 61, k: 5.3, batch: 33, kept: 'batch' },
  { dIn: 9, dSae: 40, k: 0.4, batch: 40, kept: 'batch', decoderRows: 'free', clipNorm: 1, rescaleByDecoderNorm: true },
  { dIn: 20, dSae: 77, k: 6, batch: 65, kept: 'batch', widths: [8, 30, 77], auxCoefficient: 1 },
  {
    dIn: 33,
    dSae: 45,
    k: 7,
    batch: 31,
    widths: [1, 2, 45],
    clipNorm: 0.1,
    decoderRows: 'free',
    rescaleByDecoderNorm: true,
  },
];
const nameOf = (sizes: Case): string => JSON.stringify(sizes).replaceAll('"', '');
test.each(cases.map((sizes) => [nameOf(sizes), sizes] as const))(
  'four steps agree with float64: %s',
  async (_, sizes) => {
    const { dIn, dSae, batch } = sizes;
    const parameters = randomParameters(dIn, dSae, 1, sizes.decoderRows === 'free');
    const step = await open({ ...sizes, threads: 2, parameters });
    const state = referenceState(parameters);
    const next = numbers(7);
    const dead = Uint8Array.from({ length: dSae }, (_, f) => Number(f % 3 === 0));
    const deadList = [...dead.keys()].filter((f) => dead[f]);
    for (let i = 0; i < 4; i++) {
      const x = fill(batch * dIn, next);
      const useDead = i > 0;
      const result = await step.step(x, { learningRate: 1e-3, ...(useDead && { dead }) });
      const expected = referenceStep(state, x, sizes, { learningRate: 1e-3, dead: useDead ? deadList : [] });
      expect(result.mse / expected.mse).toBeCloseTo(1, 5);
      expect(result.nestedMse.length).toBe(expected.nestedMse.length);
      result.nestedMse.forEach((mse, level) => expect(mse / expected.nestedMse[level]!).toBeCloseTo(1, 5));
      expect(result.auxLoss).toBeCloseTo(expected.auxLoss, 4);
      expect(result.l0).toBeCloseTo(expected.l0, 6);
      if (sizes.kept === 'batch') expect(result.smallestKept! / expected.smallestKept).toBeCloseTo(1, 4);
      else expect(result.smallestKept).toBeNull();
    }
    const { parameters: trained, optimiser } = await step.read();
    expect(optimiser.step).toBe(4);
    for (const name of ['W_enc', 'b_enc', 'W_dec', 'b_dec'] as const) {
      expect(largestDifference(trained[name], state.parameters[name]), name).toBeLessThan(2e-5);
      expect(largestDifference(optimiser.m[name], state.optimiser.m[name]), `m.${name}`).toBeLessThan(2e-5);
    }
  },
);

const size = { dIn: 12, dSae: 50, k: 4, batch: 40 };
const batches = (count: number, seed = 5): Float32Array[] => {
  const next = numbers(seed);
  return Array.from({ length: count }, () => fill(size.batch * size.dIn, next));
};
const someDead = Uint8Array.from({ length: size.dSae }, (_, f) => Number(f % 5 === 0));

const kinds: [string, Partial<SparseStepOptions>][] = [
  ['TopK', {}],
  ['BatchTopK', { kept: 'batch', k: 3.5, clipNorm: 1, decoderRows: 'free', rescaleByDecoderNorm: true }],
  ['Matryoshka', { kept: 'batch', widths: [10, 50] }],
];
test.each(kinds)('the number of threads does not change a bit (%s)', async (_, kind) => {
  const runs = await Promise.all(
    [1, 2, 3].map(async (threads) => {
      const step = await open({ ...size, ...kind, threads, parameters: randomParameters(size.dIn, size.dSae) });
      for (const x of batches(5)) await step.step(x, { learningRate: 1e-2, dead: someDead });
      return step.read();
    }),
  );
  expect(runs[1]).toEqual(runs[0]);
  expect(runs[2]).toEqual(runs[0]);
});

test.each(kinds)('a step that goes on from what another read is the same, bit by bit (%s)', async (_, kind) => {
  const whole = await open({ ...size, ...kind, parameters: randomParameters(size.dIn, size.dSae) });
  const first = await open({ ...size, ...kind, parameters: randomParameters(size.dIn, size.dSae) });
  const data = batches(6);
  for (const x of data) await whole.step(x, { learningRate: 1e-2, dead: someDead });
  for (const x of data.slice(0, 3)) await first.step(x, { learningRate: 1e-2, dead: someDead });
  const second = await open({ ...size, ...kind, ...(await first.read()) });
  for (const x of data.slice(3)) await second.step(x, { learningRate: 1e-2, dead: someDead });
  expect(await second.read()).toEqual(await whole.read());
});

test('decoder rows keep unit norm, and a zero row gives no NaN', async () => {
  const parameters = randomParameters(size.dIn, size.dSae);
  parameters.W_dec.fill(0, 0, size.dIn);
  const step = await open({ ...size, parameters });
  for (const x of batches(3)) await step.step(x, { learningRate: 1e-2 });
  const { W_dec } = (await step.read()).parameters;
  const norms = Array.from({ length: size.dSae }, (_, f) =>
    Math.hypot(...W_dec.subarray(f * size.dIn, (f + 1) * size.dIn)),
  );
  for (const norm of norms.slice(1)) expect(norm).toBeCloseTo(1, 6);
  expect(norms.every(Number.isFinite)).toBe(true);
});

test('all-negative pre-activations: nothing fires, and only b_dec learns', async () => {
  const parameters = { ...randomParameters(size.dIn, size.dSae), b_enc: new Float32Array(size.dSae).fill(-100) };
  const step = await open({ ...size, parameters });
  const { l0, fired } = await step.step(batches(1)[0]!, { learningRate: 1e-2 });
  expect(l0).toBe(0);
  expect(fired.some(Boolean)).toBe(false);
  const after = (await step.read()).parameters;
  expect(after.W_enc).toEqual(parameters.W_enc);
  expect(after.b_dec).not.toEqual(parameters.b_dec);
});

test('ties go to the lower index', async () => {
  const dSae = 20;
  const parameters = {
    W_enc: new Float32Array(dSae),
    b_enc: new Float32Array(dSae).fill(1),
    W_dec: new Float32Array(dSae).fill(1),
    b_dec: new Float32Array(1),
  };
  const step = await open({ dIn: 1, dSae, k: 3, batch: 2, parameters });
  const { fired } = await step.step(new Float32Array(2), { learningRate: 1e-3 });
  expect([...fired.keys()].filter((f) => fired[f])).toEqual([0, 1, 2]);
});

test('a batch with far more candidates than expected, or far fewer, keeps the right ones', async () => {
  const sizes: Case = { dIn: 6, dSae: 120, k: 2.5, batch: 40, kept: 'batch' };
  // All ranks are equal at first, so that every latent of every sample is a candidate.
  const parameters = {
    ...randomParameters(6, 120),
    W_enc: new Float32Array(720),
    b_enc: new Float32Array(120).fill(1),
  };
  const step = await open({ ...sizes, threads: 2, parameters });
  const state = referenceState(parameters);
  const next = numbers(11);
  const rate = { learningRate: 0.05 };
  for (const scale of [1, 1, 100, 1e-4]) {
    const x = fill(240, next, scale);
    const result = await step.step(x, rate);
    const expected = referenceStep(state, x, sizes, { ...rate, dead: [] });
    expect(result.l0).toBe(expected.l0);
    expect(result.mse / expected.mse).toBeCloseTo(1, 3);
  }
});

test('inputs that are not numbers give a loss that is none, and no hang', async () => {
  for (const kept of ['sample', 'batch'] as const) {
    const step = await open({ ...size, kept, parameters: randomParameters(size.dIn, size.dSae) });
    await step.step(batches(1)[0]!, { learningRate: 1e-3 });
    const { mse } = await step.step(batches(1)[0]!.fill(NaN, 0, 5), { learningRate: 1e-3, dead: someDead });
    expect(mse).toBeNaN();
  }
});

test('wrong options and arrays are named', async () => {
  const parameters = randomParameters(size.dIn, size.dSae);
  await expect(openSparseStep({ ...size, k: 51, parameters })).rejects.toThrow(
    'k is 51, but must be a whole number from 1 to 50',
  );
  await expect(openSparseStep({ ...size, kept: 'batch', k: 0.01, parameters })).rejects.toThrow(
    'k is 0.01, but must be from 1 / batch, which is 0.025, to 50',
  );
  await expect(openSparseStep({ ...size, widths: [3, 3, 50], parameters })).rejects.toThrow('widths are 3, 3, 50');
  await expect(openSparseStep({ ...size, clipNorm: 0, parameters })).rejects.toThrow('clipNorm is 0');
  await expect(openSparseStep({ ...size, beta2: 1, parameters })).rejects.toThrow('beta2 is 1');
  await expect(openSparseStep({ ...size, dIn: 13, parameters })).rejects.toThrow(
    'parameters.W_enc has 600 values, but dIn 13 and dSae 50 need 650',
  );
  await expect(
    openSparseStep({ ...size, batch: 1 << 24, dSae: 1 << 10, parameters: randomParameters(12, 1 << 10) }),
  ).rejects.toThrow('at most 4 GiB');
  expect(fitsSparseStep({ ...size, batch: 1 << 24, dSae: 1 << 10 })).toBe(false);
  expect(fitsSparseStep(size)).toBe(true);
  const step = await open({ ...size, parameters });
  await expect(step.step(new Float32Array(3), { learningRate: 1e-3 })).rejects.toThrow(
    'x has 3 values, but batch 40 x dIn 12 is 480',
  );
  const first = step.step(batches(1)[0]!, { learningRate: 1e-3 });
  await expect(step.step(batches(1)[0]!, { learningRate: 1e-3 })).rejects.toThrow('still running');
  await first;
  await step.close();
  await expect(step.step(batches(1)[0]!, { learningRate: 1e-3 })).rejects.toThrow('closed');
});
