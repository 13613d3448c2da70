import type { Engine } from '@monosema/engine';
import { compileForward, type Model } from '@monosema/model';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { concatContexts, usableRows } from '../contexts.ts';
import { compileEncode } from '../encode.ts';
import { decode } from '../decode.ts';
import type { Sae } from '../sae.ts';
import { testConfig, testSae } from '../sae.fixture.ts';
import { evaluateSae, evaluateSaeWithFeatures } from './evaluate-sae.ts';
import { openStories } from '../stories.fixture.ts';

const hookPoint = 'blocks.2.hook_resid_post';
const dIn = 64;
let engine: Engine;
let model: Model;
let contexts: Int32Array[];
beforeAll(async () => {
  ({ engine, model, contexts } = await openStories({ split: 'heldOut', documents: 10, contextSize: 48, count: 12 }));
});
afterAll(() => engine.close());
const contract = (excludedTokens: number[]) => ({
  modelId: 'stories-260k',
  hookPoint,
  dIn,
  contextSize: 48,
  prependBos: true,
  excludedTokens,
});
const evaluate = (sae: Sae) => evaluateSae({ engine, model, sae, contexts });

/** relu(x) - relu(-x) = x: 2 * d_in latents that lose nothing. */
function identity(excludedTokens: number[]): Sae {
  const config = testConfig({ architecture: 'standard', dIn, dSae: 2 * dIn, contract: contract(excludedTokens) });
  const [W_enc, W_dec] = [new Float32Array(dIn * 2 * dIn), new Float32Array(2 * dIn * dIn)];
  for (let d = 0; d < dIn; d++) {
    W_enc[d * 2 * dIn + d] = W_dec[d * dIn + d] = 1;
    W_enc[d * 2 * dIn + dIn + d] = W_dec[(dIn + d) * dIn + d] = -1;
  }
  return { config, parameters: { W_enc, W_dec, b_enc: new Float32Array(2 * dIn), b_dec: new Float32Array(dIn) } };
}
/** No latent ever fires: every reconstruction is b_dec. */
function constant(b_dec: Float32Array, excludedTokens: number[]): Sae {
  const sae = testSae({ dIn, dSae: 5, contract: contract(excludedTokens) });
  return { ...sae, parameters: { ...sae.parameters, b_enc: new Float32Array(5).fill(-1e4), b_dec } };
}
async function activations(excluded: number[]): Promise<Float32Array> {
  const forward = await compileForward(engine, model, { length: 48, taps: [hookPoint] });
  const ids = concatContexts(contexts);
  const { [hookPoint]: values } = await forward.run(ids);
  await forward.dispose();
  return usableRows(ids, values!.data as Float32Array, dIn, new Set(excluded));
}

async function encode(sae: Sae, x: Float32Array) {
  const encoder = await compileEncode(engine, sae);
  const codes = await encoder.encode(x);
  await encoder.dispose();
  return codes;
}

test('an SAE that loses nothing scores 1', async () => {
  const { explainedVariance, ceLossScore, mse, l0, tokens, ceLossClean, ceLossSpliced } = await evaluate(
    identity([0, 1, 2]),
  );
  expect(explainedVariance).toBeCloseTo(1, 6);
  expect(ceLossScore).toBeCloseTo(1, 5);
  expect(ceLossSpliced).toBeCloseTo(ceLossClean!, 5);
  expect(mse).toBeLessThan(1e-6);
  expect(l0).toBe(dIn);
  expect(tokens).toBe(concatContexts(contexts).filter((id) => id > 2).length);
});

test('zero reconstructions score 0, whether BOS counts or keeps its own; by zeros everywhere only if it counts', async () => {
  const all = await evaluate(constant(new Float32Array(dIn), []));
  expect(all.ceLossScore).toBeCloseTo(0, 6);
  expect(all).toMatchObject({ l0: 0, deadFeatures: 5, deadFraction: 1, tokens: 12 * 48 });
  const masked = await evaluate(constant(new Float32Array(dIn), [1]));
  expect(masked.ceLossScore).toBeCloseTo(0, 6);
  expect(all.ceLossScoreEverywhere).toBeCloseTo(0, 6);
  expect(Math.abs(masked.ceLossScoreEverywhere!)).toBeGreaterThan(0.01);
});

test('the mean explains none of the variance, and is no better than the mean', async () => {
  const x = await activations([1]);
  const mean = Float32Array.from(
    { length: dIn },
    (_, d) => x.reduce((sum, value, i) => (i % dIn === d ? sum + value : sum), 0) / (x.length / dIn),
  );
  const measured = await evaluate(constant(mean, [1]));
  expect(measured.explainedVariance).toBeCloseTo(0, 5);
  expect(measured.ceLossScoreMeanAblated).toBeCloseTo(0, 5);
  expect(measured.klScoreMeanAblated).toBeCloseTo(0, 5);
  expect(measured.ceLossMeanAblated).toBeCloseTo(measured.ceLossSpliced!, 5);
  expect(Math.abs(measured.ceLossScore!)).toBeGreaterThan(0.01);
});

test('an SAE that loses nothing changes nothing, shrinks nothing, and its features look the same way', async () => {
  const measured = await evaluate(identity([0, 1, 2]));
  expect(measured.klSpliced).toBeCloseTo(0, 6);
  for (const name of [
    'klScore',
    'klScoreMeanAblated',
    'l2Ratio',
    'cosineSimilarity',
    'relativeReconstructionBias',
  ] as const)
    expect(measured[name]).toBeCloseTo(1, 5);
  expect(measured.fvu).toBeCloseTo(0, 6);
  // Each row is orthogonal to all others but its negative.
  expect(measured).toMatchObject({ encoderDecoderCosine: 1, decoderSimilarity: 0, encoderSimilarity: 0 });
  expect(measured.featuresOver10Percent).toBeGreaterThan(dIn);
});

test('without losses the model behind the hook point is left out, and nothing else changes', async () => {
  const sae = testSae({ dIn, dSae: 100, k: 7, contract: contract([0, 1, 2]) });
  const [all, quick] = [await evaluate(sae), await evaluateSae({ engine, model, sae, contexts, losses: false })];
  const { intervals, ...rest } = quick;
  for (const [name, value] of Object.entries(rest))
    if (/^(ceLoss|kl)/.test(name)) expect(value).toBeNull();
    else expect(value).toEqual(all[name as keyof typeof all]);
  expect(intervals!.l0).toEqual(all.intervals!.l0);
  expect(all.intervals!.ceLossScore).toHaveLength(2);
  expect(intervals).not.toHaveProperty('ceLossScore');
});

test('tokens that do not count can be said, and progress is reported', async () => {
  const sae = testSae({ dIn, dSae: 100, k: 7, contract: contract([]) });
  const done: number[] = [];
  const options = { engine, model, sae, contexts, losses: false, excludedTokens: [0, 1, 2] };
  const measured = await evaluateSae({ ...options, onProgress: (tokens) => done.push(tokens) });
  const { intervals: _, ...contracted } = await evaluateSae({
    ...options,
    sae: testSae({ dIn, dSae: 100, k: 7, contract: contract([0, 1, 2]) }),
    excludedTokens: undefined,
  });
  expect(measured).toMatchObject(contracted);
  expect(done.at(-1)).toBe(12 * 48);
});

test('signed codes are active and count with their magnitude', async () => {
  const sae = testSae({ dIn, dSae: 100, k: 7, signed: true, contract: contract([1]) });
  const { l0, l1, deadFeatures } = await evaluateSae({ engine, model, sae, contexts, losses: false });
  const codes = await encode(sae, await activations([1]));
  expect(codes.values.some((value) => value < 0)).toBe(true);
  expect(l0).toBe(7);
  expect(l1).toBeCloseTo(codes.values.reduce((sum, value) => sum + Math.abs(value), 0) / codes.rows, 4);
  expect(deadFeatures).toBe(100 - new Set(codes.indices).size);
});

test('a transcoder is measured where it predicts, and has no cosine of encoder and decoder', async () => {
  const hookPointOut = 'blocks.2.hook_mlp_out';
  const config = { architecture: 'transcoder', dIn, dOut: dIn, dSae: 30, hookPointOut } as const;
  const sae = testSae({ ...config, contract: { ...contract([1]), hookPoint: 'blocks.2.ln2.hook_normalized' } });
  const zero = {
    ...sae,
    parameters: { ...sae.parameters, b_enc: new Float32Array(30).fill(-1e4), b_dec: new Float32Array(dIn) },
  };
  const { ceLossScore, l2NormIn, l2NormOut, encoderDecoderCosine, relativeReconstructionBias } = await evaluate(zero);
  expect(ceLossScore).toBeCloseTo(0, 6);
  const forward = await compileForward(engine, model, { length: 48, taps: [hookPointOut] });
  const ids = concatContexts(contexts);
  const { [hookPointOut]: out } = await forward.run(ids);
  await forward.dispose();
  const y = usableRows(ids, out!.data as Float32Array, dIn, new Set([1]));
  const norms = Array.from({ length: y.length / dIn }, (_, row) =>
    Math.hypot(...y.subarray(row * dIn, (row + 1) * dIn)),
  );
  expect(l2NormIn).toBeCloseTo(norms.reduce((sum, norm) => sum + norm, 0) / norms.length, 5);
  expect({ l2NormOut, encoderDecoderCosine, relativeReconstructionBias }).toEqual({
    l2NormOut: 0,
    encoderDecoderCosine: null,
    relativeReconstructionBias: null,
  });
});

test('the most similar feature is looked for among all, for as many as asked', async () => {
  const sae = testSae({ dIn, dSae: 100, k: 7, contract: contract([1]) });
  const { W_dec } = sae.parameters;
  W_dec.copyWithin(70 * dIn, 3 * dIn, 4 * dIn); // 70 is now as 3
  W_dec.fill(0, 9 * dIn, 10 * dIn);
  const options = { engine, model, sae, contexts, losses: false };
  const { features } = await evaluateSaeWithFeatures(options);
  expect([features.maxDecoderCosine[3], features.maxDecoderCosine[70]].map((value) => value!.toFixed(6))).toEqual([
    '1.000000',
    '1.000000',
  ]);
  expect(features.maxDecoderCosine[9]).toBe(0);
  expect(features.encoderDecoderCosine![9]).toBe(0);
  const some = await evaluateSaeWithFeatures({ ...options, similarityFeatures: 4 });
  const measured = Array.from(some.features.maxDecoderCosine.keys()).filter(
    (feature) => !Number.isNaN(some.features.maxDecoderCosine[feature]),
  );
  expect(measured).toEqual([0, 25, 50, 75]);
  for (const feature of measured)
    expect(some.features.maxDecoderCosine[feature]).toBe(features.maxDecoderCosine[feature]);
});

test('measures are those of encode and decode, pooled', async () => {
  const sae = testSae({ dIn, dSae: 100, k: 7, contract: contract([0, 1, 2]) });
  const x = await activations([0, 1, 2]);
  const codes = await encode(sae, x);
  const xHat = decode(sae, codes);
  const measured = await evaluate(sae);
  const rows = x.length / dIn;
  expect(measured.tokens).toBe(rows);
  expect(measured.l0).toBeCloseTo(codes.indices.length / rows, 6);
  expect(measured.mse / (x.reduce((sum, value, i) => sum + (value - xHat[i]!) ** 2, 0) / rows)).toBeCloseTo(1, 5);
  expect(measured.deadFeatures).toBe(100 - new Set(codes.indices).size);
});

test('an SAE of another model, hook or width is refused', async () => {
  await expect(evaluate(testSae({ dIn: 6, contract: { ...contract([]), dIn: 6 } }))).rejects.toThrow(
    'd_in is 6, but blocks.2.hook_resid_post of stories-260k has width 64',
  );
  await expect(evaluate(testSae({ dIn, contract: { ...contract([]), modelId: 'gpt2-small' } }))).rejects.toThrow(
    'for model gpt2-small, not stories-260k',
  );
  await expect(evaluateSae({ engine, model, sae: identity([]), contexts: [] })).rejects.toThrow('contexts is empty');
});
