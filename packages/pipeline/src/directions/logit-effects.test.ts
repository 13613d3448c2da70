import { openEngine, type Engine } from '@monosema/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { logitEffects, writesResidual } from './logit-effects.ts';
import { randomNumbers } from '../synthetic.fixture.ts';

let engine: Engine;
beforeAll(async () => void (engine = await openEngine({ threads: 1 })));
afterAll(() => engine.close());

const [rows, dModel, vocabulary] = [300, 12, 50];
const random = randomNumbers(3);
const numbers = (length: number): Float32Array => Float32Array.from({ length }, () => random() * 2 - 1);

test('the lists are those of a plain product of unit rows, gain and W_U', async () => {
  const [directions, W_U, finalNormGain] = [numbers(rows * dModel), numbers(dModel * vocabulary), numbers(dModel)];
  const effects = await logitEffects(engine, directions, dModel, { W_U, finalNormGain }, { size: 10 });
  expect(effects).toHaveLength(rows);
  for (const row of [0, 255, 256, 299]) {
    const direction = directions.subarray(row * dModel, (row + 1) * dModel);
    const norm = Math.hypot(...direction);
    const logits = Array.from({ length: vocabulary }, (_, token) => ({
      token,
      value: direction.reduce((sum, x, d) => sum + (x / norm) * finalNormGain[d]! * W_U[d * vocabulary + token]!, 0),
    }));
    const highest = logits.toSorted((a, b) => b.value - a.value);
    const { topLogits, bottomLogits } = effects[row]!;
    expect(topLogits.map(({ token }) => token)).toEqual(highest.slice(0, 10).map(({ token }) => token));
    expect(bottomLogits.map(({ token }) => token)).toEqual(
      highest
        .slice(-10)
        .reverse()
        .map(({ token }) => token),
    );
    topLogits.forEach(({ value }, i) => expect(value).toBeCloseTo(highest[i]!.value, 5));
  }
});

test('only the tokens that are asked for are ranked', async () => {
  const unembedding = { W_U: Float32Array.of(5, 1, 3, 2), finalNormGain: null };
  const [first] = await logitEffects(engine, Float32Array.of(1), 1, unembedding, { size: 2, tokens: [1, 2, 3] });
  expect(first).toEqual({
    logitHistogram: null,
    topLogits: [
      { token: 2, value: 3 },
      { token: 3, value: 2 },
    ],
    bottomLogits: [
      { token: 1, value: 1 },
      { token: 3, value: 2 },
    ],
  });
});

test('without a gain, with a small vocabulary and a dead row', async () => {
  const unembedding = { W_U: Float32Array.of(1, -1, 0, 0), finalNormGain: null };
  const [first, dead] = await logitEffects(engine, Float32Array.of(3, 4, 0, 0), 2, unembedding, { size: 10 });
  expect(first!.topLogits.map(({ token }) => token)).toEqual([0, 1]);
  expect(first!.topLogits[0]!.value).toBeCloseTo(0.6, 6);
  expect(first!.bottomLogits[0]!.value).toBeCloseTo(-0.6, 6);
  expect(dead!.topLogits.map(({ value }) => value)).toEqual([0, 0]);
});

test('the histogram counts the effects on all ranked tokens', async () => {
  const unembedding = { W_U: Float32Array.of(-2, 0, 1, 2, 2, 9), finalNormGain: null };
  const options = { size: 1, tokens: [0, 1, 2, 3, 4], bins: 4 };
  const [first, dead] = await logitEffects(engine, Float32Array.of(3, 0), 1, unembedding, options);
  expect(first!.logitHistogram).toEqual({ minimum: -2, maximum: 2, counts: [1, 0, 1, 3] });
  expect(dead!.logitHistogram).toEqual({ minimum: 0, maximum: 0, counts: [5] });
});

test('only hook points in the basis of the residual stream have logit effects', () => {
  expect(
    ['hook_embed', 'blocks.2.hook_resid_post', 'blocks.0.hook_attn_out', 'blocks.1.hook_mlp_out'].every(writesResidual),
  ).toBe(true);
  expect(['blocks.2.mlp.hook_post', 'blocks.2.attn.hook_z', 'blocks.2.hook_resid'].some(writesResidual)).toBe(false);
});
