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
const fill = (length: number, next: () => number, scale = 1): Float32Array => Float32Array.from({ length }, () => next() * scale);

function randomParameters(dIn: number, dSae: number, seed = 1): TopKParameters {
  const next = numbers(seed);
  const W_dec = fill(dSae * dIn, next);
  for (let f = 0; f < dSae; f++) {
    const row = W_dec.subarray(f * dIn, (f + 1) * dIn);
    const norm = Math.hypot(...row);
    row.forEach((value, d) => (row[d] = value / norm));
  }
  return { W_enc: fill(dIn * dSae, next, 1 / Math.sqrt(dIn)), b_enc: fill(dSae, next, 0.1), W_dec, b_dec: fill(dIn, next, 0.2) };
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
test.each(cases)('four steps agree with float64: $encoder, d_in $dIn, d_sae $dSae, k $k, batch $batch', async ({ dIn, dSae, k, batch, encoder }) => {
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
    const expected = referenceStep(state, x, { dIn, dSae, k, auxK, auxCoefficient: 1 / 32, learningRate: 1e-3, dead: useDead ? deadList : [] });
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
});
