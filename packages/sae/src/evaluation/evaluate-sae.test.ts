import { openEngine, type Engine } from '@monosema/engine';
import { compileForward, loadModel, tokenContexts, type Model } from '@monosema/model';
import { openDataSet } from '@monosema/sample-data';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { concatContexts, usableRows } from '../contexts.ts';
import { compileEncode } from '../encode.ts';
import { decode } from '../decode.ts';
import type { Sae } from '../sae.ts';
import { testConfig, testSae } from '../sae.fixture.ts';
import { evaluateSae } from './evaluate-sae.ts';

const hookPoint = 'blocks.2.hook_resid_post';
const dIn = 64;
let engine: Engine;
let model: Model;
let contexts: Int32Array[];
beforeAll(async () => {
  [engine, model] = await Promise.all([openEngine(), loadModel('stories-260k')]);
  contexts = tokenContexts(
    model.tokenizer,
    (await openDataSet('tinystories')).documents('heldOut').slice(0, 10),
    48,
  ).slice(0, 12);
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

test('the mean explains none of the variance', async () => {
  const x = await activations([1]);
  const mean = Float32Array.from(
    { length: dIn },
    (_, d) => x.reduce((sum, value, i) => (i % dIn === d ? sum + value : sum), 0) / (x.length / dIn),
  );
  expect((await evaluate(constant(mean, [1]))).explainedVariance).toBeCloseTo(0, 5);
});

test('measures are those of encode and decode, pooled', async () => {
  const sae = testSae({ dIn, dSae: 100, k: 7, contract: contract([0, 1, 2]) });
  const x = await activations([0, 1, 2]);
  const encoder = await compileEncode(engine, sae);
  const codes = await encoder.encode(x);
  await encoder.dispose();
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
