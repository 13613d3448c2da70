import { readFileSync } from 'node:fs';
import { featureRecordSchema, type FeatureRecord } from '@monosema/catalog';
import { openEngine } from '@monosema/engine';
import { loadModel } from '@monosema/model';
import { expect, test } from 'vitest';
import { buildDashboards } from './build-dashboards.ts';
import { linearCongruential, madeUpSae } from './made-up-sae.fixture.ts';

// Made by scripts/golden.py: the same SAE and text, computed densely in float64 by numpy.
const golden = JSON.parse(readFileSync(new URL('./fixtures/golden.json', import.meta.url), 'utf8')) as FeatureRecord[];
const [contextCount, length] = [24, 32];

test('dashboards of a real model agree with a dense computation in numpy', async () => {
  const next = linearCongruential(20);
  const contexts = Array.from({ length: contextCount }, () =>
    Int32Array.from({ length }, (_, i) => (i === 0 ? 1 : 3 + (next() % 509))),
  );
  const sae = madeUpSae(next, length);
  const engine = await openEngine({ threads: 1 });
  const features: FeatureRecord[] = [];
  const progress: number[] = [];
  try {
    const model = await loadModel('stories-260k');
    for await (const event of buildDashboards({
      engine,
      model,
      sae,
      contexts,
      settings: { batchContexts: 10, logitTokens: 'all' },
    })) {
      if (event.kind === 'features') features.push(...event.features);
      else progress.push(event.done);
    }
  } finally {
    await engine.close();
  }
  expect(progress).toEqual([0, 320, 640, 768]);
  expect(features.map(({ index }) => index)).toEqual(Array.from({ length: sae.config.dSae }, (_, i) => i));
  for (const feature of features) featureRecordSchema.parse(feature);
  for (const expected of golden) expectAgreement(features[expected.index]!, expected);
});

/** Counts exactly; values to 1e-4 of the maximum, the model being computed in float32 here. */
function expectAgreement(feature: FeatureRecord, expected: FeatureRecord): void {
  const near = (value: number, wanted: number): void =>
    expect(Math.abs(value - wanted)).toBeLessThanOrEqual(1e-4 * Math.max(1, Math.abs(wanted)));
  expect(feature.firings).toBe(expected.firings);
  near(feature.density, expected.density);
  near(feature.maximum, expected.maximum);
  near(feature.mean, expected.mean);
  expect(feature.histogram.counts).toEqual(expected.histogram.counts);
  const tokensOf = (list: { token: number }[]): number[] => list.map(({ token }) => token);
  if (expected.firings > 0) expect(tokensOf(feature.topTokens).slice(0, 5)).toEqual(tokensOf(expected.topTokens));
  const examples = feature.examples.slice(0, expected.examples.length);
  expect(examples.map(({ context, position }) => [context, position])).toEqual(
    expected.examples.map(({ context, position }) => [context, position]),
  );
  examples.forEach(({ maximum }, i) => near(maximum, expected.examples[i]!.maximum));
  for (const list of ['topLogits', 'bottomLogits'] as const) {
    feature[list].forEach(({ token, value }, i) => {
      near(value, expected[list][i]!.value);
      // The model's unused byte tokens all have the same embedding, but for noise: their order means nothing.
      const apart = expected[list].every((other, j) => j === i || Math.abs(other.value - value) > 1e-4);
      if (apart && i < expected[list].length - 1) expect(token).toBe(expected[list][i]!.token);
    });
  }
}
