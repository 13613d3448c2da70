import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { keepGreatest } from './keep-greatest.ts';
import { samplerOf, weightsOf } from './sampler.ts';

interface Case {
  options: { temperature: number; topK?: number; topP?: number };
  logits: number[];
  probabilities: number[];
}
const golden = JSON.parse(
  readFileSync(new URL('../../fixtures/sampling-golden.json', import.meta.url), 'utf8'),
) as Case[];

test.each(golden)('$options gives the probabilities of transformers', ({ options, logits, probabilities }) => {
  const weights = weightsOf(Float32Array.from(logits), options);
  const total = weights.reduce((a, b) => a + b, 0);
  expect(Math.max(...probabilities.map((p, token) => Math.abs(p - weights[token]! / total)))).toBeLessThan(1e-12);
  expect(Array.from(weights, (weight) => weight > 0)).toEqual(probabilities.map((p) => p > 0));
});

test('the greatest are kept as a sort would keep them, the first of equal ones', () => {
  let seed = 7;
  const random = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647;
  for (let round = 0; round < 300; round++) {
    const weights = Float64Array.from({ length: 1 + Math.floor(random() * 40) }, () => Math.floor(random() * 12) / 8);
    const by = round % 2 ? 'count' : 'weight';
    const target = by === 'count' ? 1 + Math.floor(random() * 40) : random() * 30;
    const want = new Float64Array(weights.length);
    let sum = 0;
    for (const i of [...weights.keys()].sort((a, b) => weights[b]! - weights[a]! || a - b)) {
      if (sum >= target) break;
      want[i] = weights[i]!;
      sum += by === 'count' ? 1 : weights[i]!;
    }
    keepGreatest(weights, target, by);
    expect(weights).toEqual(want);
  }
});

test('tokens are drawn as often as they are likely', () => {
  const logits = Float32Array.from([1, 0, -1, 2].map((x) => x * 0.7));
  const sampler = samplerOf({ prompts: [], newTokens: 1, temperature: 0.9, seed: 3 }, 1)!;
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 40_000; i++) counts[sampler(logits.slice(), 0, [])]!++;
  const weights = weightsOf(logits, { temperature: 0.9 });
  const total = weights.reduce((a, b) => a + b, 0);
  // Four standard deviations of a count are at most 0.01 of the draws.
  counts.forEach((count, token) => expect(Math.abs(count / 40_000 - weights[token]! / total)).toBeLessThan(0.01));
});

test('penalties count the new tokens of the row', () => {
  const options = { prompts: [], newTokens: 1, frequencyPenalty: 0.5, presencePenalty: 0.25 };
  const sampler = samplerOf(options, 1)!;
  const logits = Float32Array.of(2, 1.5, 1);
  sampler(logits, 0, [0, 0, 2]);
  expect(logits).toEqual(Float32Array.of(2 - 2 * 0.5 - 0.25, 1.5, 1 - 0.5 - 0.25));
  expect(sampler(Float32Array.of(2, 1.5, 1), 0, [0])).toBe(1);
  expect(sampler(Float32Array.of(2, 1, 1), 0, [0])).toBe(0);
});

test('the likeliest token without penalties is for the engine to find', () => {
  expect(samplerOf({ prompts: [], newTokens: 1, topK: 5, topP: 0.5, seed: 1 }, 1)).toBeNull();
});
