import * as op from '@monosema/engine';
import type { ArrayValue, Engine } from '@monosema/engine';
import { compileForward, type Model } from '@monosema/model';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SaeConfigInput } from '../config/sae-config.ts';
import { concatContexts, usableRows } from '../contexts.ts';
import { evaluateSae } from '../evaluation/evaluate-sae.ts';
import type { Sae } from '../sae.ts';
import { testConfig, testParameters, testSae } from '../sae.fixture.ts';
import { MetricsLog } from '../training/metrics-log.ts';
import { openStories } from '../stories.fixture.ts';

// Faults that other programs had (issues of SAELens unless another is named); faults.fixture.ts lists all of them.
// Here: numbers that said something else than their name.

const [dIn, length] = [64, 32];
let engine: Engine;
let model: Model;
let contexts: Int32Array[];
beforeAll(async () => {
  ({ engine, model, contexts } = await openStories({ split: 'heldOut', documents: 6, contextSize: length, count: 8 }));
});
afterAll(() => engine.close());

const contract = (hookPoint: string) => ({
  ...{ modelId: 'stories-260k', hookPoint, dIn, contextSize: length, prependBos: true, excludedTokens: [1] },
});
/** relu(z) - relu(-z) = z: what it makes of a normalised input is that input. */
function identity(hookPoint: string, own: Partial<SaeConfigInput> = {}): Sae {
  const config = testConfig({
    ...{ architecture: 'standard', dIn, dSae: 2 * dIn, contract: contract(hookPoint), ...own },
  });
  const [W_enc, W_dec] = [new Float32Array(dIn * 2 * dIn), new Float32Array(2 * dIn * dIn)];
  for (let d = 0; d < dIn; d++) {
    W_enc[d * 2 * dIn + d] = W_dec[d * dIn + d] = 1;
    W_enc[d * 2 * dIn + dIn + d] = W_dec[(dIn + d) * dIn + d] = -1;
  }
  return { config, parameters: { W_enc, W_dec, b_enc: new Float32Array(2 * dIn), b_dec: new Float32Array(dIn) } };
}
/** No latent ever fires: every reconstruction is b_dec. */
function constant(hookPoint: string, b_dec: Float32Array): Sae {
  const config = testConfig({ architecture: 'standard', dIn, dSae: 5, contract: contract(hookPoint) });
  return { config, parameters: { ...testParameters(config), b_enc: new Float32Array(5).fill(-1e6), b_dec } };
}

test('#443, #665: explained variance was about zero, so that predicting a large mean explained nearly all', async () => {
  const { data, shape } = model.weights['embed.W_E'] as ArrayValue;
  const shifted: Model = {
    ...model,
    weights: { ...model.weights, 'embed.W_E': { data: Float32Array.from(data, (value) => value + 20), shape } },
  };
  const ids = concatContexts(contexts);
  const embedded = new Float32Array(ids.length * dIn);
  ids.forEach((id, i) => {
    for (let d = 0; d < dIn; d++) embedded[i * dIn + d] = data[id * dIn + d]! + 20;
  });
  const x = usableRows(ids, embedded, dIn, new Set([1]));
  const mean = Float32Array.from({ length: dIn }, (_, d) => {
    let sum = 0;
    for (let at = d; at < x.length; at += dIn) sum += x[at]!;
    return sum / (x.length / dIn);
  });
  const of = async (sae: Sae) =>
    (await evaluateSae({ engine, model: shifted, sae, contexts, losses: false })).explainedVariance;
  expect(await of(constant('hook_embed', mean))).toBeCloseTo(0, 3);
  expect(await of(identity('hook_embed'))).toBeCloseTo(1, 5);

  // The log of a training run as well, on rows of 20 + noise.
  const log = new MetricsLog(x.length / dIn, 0, 0);
  let mse = 0;
  x.forEach((value, i) => (mse += (value - mean[i % dIn]!) ** 2 / (x.length / dIn)));
  const row = log.row(1, x, { mse, parts: {}, l0: 0, fired: [] }, new Uint8Array(5), 0.1, 0);
  expect(row.explainedVariance).toBeCloseTo(0, 3);
});

test('#711: the error was divided by the tokens of a batch once more; it is the same however text is cut into batches', async () => {
  const sae = testSae({ dIn, dSae: 100, k: 7, contract: contract('blocks.2.hook_resid_post') });
  const of = (rows: Int32Array[]) => evaluateSae({ engine, model, sae, contexts: rows, losses: false });
  const [all, first, rest] = [await of(contexts), await of(contexts.slice(0, 3)), await of(contexts.slice(3))];
  const pooled = (first.mse * first.tokens + rest.mse * rest.tokens) / (first.tokens + rest.tokens);
  expect(all.mse / pooled).toBeCloseTo(1, 5);
  expect((await of([...contexts, ...contexts])).mse / all.mse).toBeCloseTo(1, 5);
});

test.each(['layer_norm', 'constant_norm_rescale'] as const)(
  '#521: scaled reconstructions were compared with unscaled inputs; an SAE that loses nothing scores 1 under %s',
  async (normalisation) => {
    const sae = identity('blocks.2.hook_resid_post', { normalisation, subtractDecoderBias: false });
    const { explainedVariance, mse, l2NormIn, ceLossScore } = await evaluateSae({ engine, model, sae, contexts });
    // layer_norm adds 1e-5 to the deviation on the way in only.
    expect(explainedVariance).toBeCloseTo(1, 4);
    expect(mse / l2NormIn! ** 2).toBeLessThan(1e-6);
    expect(ceLossScore).toBeCloseTo(1, 3);
  },
);

test('#532: KL was of the other direction in print, and infinite where a probability was rounded to 0', async () => {
  const hookPoint = 'blocks.2.hook_resid_post';
  const { data, shape } = model.weights['ln_final.w'] as ArrayValue;
  // Logits 40 times as large: most probabilities are 0 in float32.
  const sure: Model = {
    ...model,
    weights: { ...model.weights, 'ln_final.w': { data: Float32Array.from(data, (value) => value * 40), shape } },
  };
  const sae = constant(hookPoint, new Float32Array(dIn));
  const { klSpliced, klAblated } = await evaluateSae({ engine, model: sure, sae, contexts });
  const ids = concatContexts(contexts);
  const keep = op.input('keep', [op.batch, length, 1]);
  const edits = { [hookPoint]: (value: op.Traced) => op.mul(value, op.sub(1, keep)) };
  const feeds = {
    keep: { data: Float32Array.from(ids, (id) => Number(id !== 1)), shape: [contexts.length, length, 1] },
  };
  const clean = await compileForward(engine, sure, { length, logits: true });
  const ablated = await compileForward(engine, sure, { length, logits: true, edits, inputs: { keep } });
  const [p, q] = [(await clean.run(ids))['logits']!, (await ablated.run(ids, feeds))['logits']!];
  await Promise.all([clean.dispose(), ablated.dispose()]);
  const vocabulary = p.shape[2]!;
  const logs = (logits: ArrayLike<number>, at: number): number[] => {
    const row = Array.from({ length: vocabulary }, (_, v) => logits[at * vocabulary + v]!);
    const largest = Math.max(...row);
    const norm = largest + Math.log(row.reduce((sum, value) => sum + Math.exp(value - largest), 0));
    return row.map((value) => value - norm);
  };
  const kl = (a: number[], b: number[]): number =>
    a.reduce((sum, value, v) => sum + Math.exp(value) * (value - b[v]!), 0);
  let [forwards, backwards, count, lowest] = [0, 0, 0, 0];
  ids.forEach((id, at) => {
    if (id === 1) return;
    const [a, b] = [logs(p.data, at), logs(q.data, at)];
    forwards += kl(a, b);
    backwards += kl(b, a);
    count += 1;
    lowest = Math.min(lowest, ...b);
  });
  expect(Math.fround(Math.exp(lowest))).toBe(0);
  expect(klAblated! / (forwards / count)).toBeCloseTo(1, 3);
  expect(klSpliced! / (forwards / count)).toBeCloseTo(1, 3);
  expect(Math.abs(backwards / forwards - 1)).toBeGreaterThan(0.01);
});
