import { afterEach, expect, test } from 'vitest';
import { openTopKStep } from './index.ts';
import { referenceState, referenceStep } from './reference-topk-step.ts';
import type { EncoderKind, TopKParameters, TopKStep, TopKStepOptions } from './types.ts';

const opened: TopKStep[] = [];
afterEach(() => Promise.all(opened.splice(0).map((step) => step.close())));
async function open(options: TopKStepOptions): Promise<TopKStep> {
  const step = await openTopKStep(options);
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

function randomParameters(dIn: number, dSae: number, seed = 1): TopKParameters {
  const next = numbers(seed);
  const W_dec = fill(dSae * dIn, next);
  for (let f = 0; f < dSae; f++) {
    const row = W_dec.subarray(f * dIn, (f + 1) * dIn);
    const norm = Math.hypot(...row);
    row.forEach((value, d) => (row[d] = value / norm));
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

const cases: { dIn: number; dSae: number; k: number; batch: number; encoder: EncoderKind }[] = [
  { dIn: 64, dSae: 100, k: 8, batch: 50, encoder: 'wasm' },
  { dIn: 64, dSae: 100, k: 8, batch: 50, encoder: 'onnx' },
  { dIn: 1, dSae: 3, k: 1, batch: 5, encoder: 'wasm' },
  { dIn: 17, dSae: 33, k: 33, batch: 16, encoder: 'wasm' },
  { dIn: 5, dSae: 41, k: 20, batch: 37, encoder: 'onnx' },
];
test.each(cases)(
  'four steps agree with float64: $encoder, d_in $dIn, d_sae $dSae, k $k, batch $batch',
  async ({ dIn, dSae, k, batch, encoder }) => {
    const parameters = randomParameters(dIn, dSae);
    const step = await open({ dIn, dSae, k, batch, encoder, threads: 2, parameters });
    const state = referenceState(parameters);
    const next = numbers(7);
    const dead = Uint8Array.from({ length: dSae }, (_, f) => Number(f % 3 === 0));
    const deadList = [...dead.keys()].filter((f) => dead[f]);
    const auxK = Math.max(1, Math.floor(dIn / 2));
    for (let i = 0; i < 4; i++) {
      const x = fill(batch * dIn, next);
      const useDead = i > 0;
      const result = await step.step(x, { learningRate: 1e-3, dead: useDead ? dead : undefined });
      const expected = referenceStep(state, x, {
        dIn,
        dSae,
        k,
        auxK,
        auxCoefficient: 1 / 32,
        learningRate: 1e-3,
        dead: useDead ? deadList : [],
      });
      expect(result.mse / expected.mse).toBeCloseTo(1, 5);
      expect(result.auxLoss).toBeCloseTo(expected.auxLoss, 4);
      expect(result.l0).toBeCloseTo(expected.l0, 6);
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

test.each(['wasm', 'onnx'] as const)('the number of threads does not change a bit (%s)', async (encoder) => {
  const runs = await Promise.all(
    [1, 2, 3].map(async (threads) => {
      const step = await open({ ...size, encoder, threads, parameters: randomParameters(size.dIn, size.dSae) });
      for (const x of batches(5)) await step.step(x, { learningRate: 1e-2, dead: someDead });
      return step.read();
    }),
  );
  expect(runs[1]).toEqual(runs[0]);
  expect(runs[2]).toEqual(runs[0]);
});

test('a step that goes on from what another read is the same, bit by bit', async () => {
  const whole = await open({ ...size, parameters: randomParameters(size.dIn, size.dSae) });
  const first = await open({ ...size, parameters: randomParameters(size.dIn, size.dSae) });
  const data = batches(6);
  for (const x of data) await whole.step(x, { learningRate: 1e-2, dead: someDead });
  for (const x of data.slice(0, 3)) await first.step(x, { learningRate: 1e-2, dead: someDead });
  const second = await open({ ...size, ...(await first.read()) });
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

test('wrong options and arrays are named', async () => {
  const parameters = randomParameters(size.dIn, size.dSae);
  await expect(openTopKStep({ ...size, k: 51, parameters })).rejects.toThrow(
    'k is 51, but must be a whole number from 1 to 50',
  );
  await expect(openTopKStep({ ...size, dIn: 13, parameters })).rejects.toThrow(
    'parameters.W_enc has 600 values, but dIn 13 and dSae 50 need 650',
  );
  await expect(
    openTopKStep({ ...size, batch: 1 << 24, dSae: 1 << 10, parameters: randomParameters(12, 1 << 10) }),
  ).rejects.toThrow('at most 4 GiB');
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
