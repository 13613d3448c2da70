import { trainingRequestSchema, type TrainingRequestInput } from '@monosema/catalog';
import type { Engine } from '@monosema/engine';
import type { Model } from '@monosema/model';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { loadSae, saveSae } from '../checkpoint/sae-files.ts';
import type { TrainingSettingsInput } from '../config/training-settings.ts';
import type { Sae } from '../sae.ts';
import type { TrainingCheckpoint } from './checkpoint.ts';
import type { TrainingEvent } from './options.ts';
import { trainSae } from './train-sae.ts';
import { openStories } from '../stories.fixture.ts';

const [contextSize, batchTokens, steps] = [32, 128, 8];
// Many small runs, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 });

let engine: Engine;
let model: Model;
let contexts: Int32Array[];
beforeAll(async () => {
  ({ engine, model, contexts } = await openStories({ documents: 12, contextSize, count: 60 }));
});
afterAll(() => engine.close());

async function train(
  own: Partial<TrainingRequestInput>,
  settings?: TrainingSettingsInput,
  resume?: TrainingCheckpoint,
): Promise<{ events: TrainingEvent[]; sae: Sae; halfway: TrainingCheckpoint | undefined }> {
  const request = trainingRequestSchema.parse({
    ...{
      modelId: 'stories-260k',
      dataSetId: 'tinystories',
      sourceId: '2-res-x',
      hookPoint: 'blocks.2.hook_resid_post',
    },
    ...{ dSae: 96, learningRate: 1e-2, batchTokens, trainingTokens: batchTokens * steps, contextSize },
    ...own,
  } as TrainingRequestInput);
  const events: TrainingEvent[] = [];
  const texts = { trainContexts: contexts.slice(0, 50), heldOutContexts: contexts.slice(50, 54) };
  const more = { ...(settings && { settings }), ...(resume && { resume }), checkpointEverySteps: 4 };
  for await (const event of trainSae({ request, model, engine, ...texts, ...more })) events.push(event);
  const done = events.at(-1);
  if (done?.kind !== 'done') throw new Error('the run did not end');
  const halfway = events.find((event) => event.kind === 'checkpoint');
  return { events, sae: done.sae, halfway: halfway?.files };
}

const hookPointOut = 'blocks.3.hook_mlp_out';
const kinds: [string, Partial<TrainingRequestInput>, string][] = [
  ['gated', { architecture: 'gated', l1Coefficient: 0.1 }, 'gated'],
  ['batchtopk', { architecture: 'batchtopk', k: 4.5 }, 'jumprelu'],
  ['matryoshka', { architecture: 'matryoshka_batchtopk', k: 4, widths: [12, 40, 96] }, 'jumprelu'],
  ['jumprelu', { architecture: 'jumprelu', l0Coefficient: 0.01 }, 'jumprelu'],
  ['skip transcoder', { architecture: 'skip_transcoder', l1Coefficient: 0.1, hookPointOut }, 'skip_transcoder'],
  [
    'jumprelu transcoder',
    { architecture: 'jumprelu_transcoder', l0Coefficient: 0.01, hookPointOut },
    'jumprelu_transcoder',
  ],
];
test.each(kinds)('a %s run learns, is saved as what it is used as, and resumes bit by bit', async (_, own, savedAs) => {
  const { events, sae, halfway } = await train(own);
  const metrics = events.flatMap((event) => (event.kind === 'metrics' ? [event.metrics] : []));
  expect(metrics.at(-1)!.mse).toBeLessThan(metrics[0]!.mse);
  expect(Object.values(metrics[0]!.losses!).reduce((a, b) => a + b, 0)).toBeCloseTo(metrics[0]!.sparsityLoss, 6);
  for (const { losses, rawLosses, coefficient } of metrics)
    for (const [name, raw] of Object.entries(rawLosses!))
      expect(losses![name]).toBeCloseTo(raw * (name === 'auxiliary' ? 1 / 32 : coefficient!), 5);
  expect(Object.keys(metrics[0]!.rawLosses!)).toEqual([own.k ? 'auxiliary' : own.l1Coefficient ? 'l1' : 'l0']);
  expect(sae.config.architecture).toBe(savedAs);
  const files = saveSae(sae);
  expect(loadSae(files).parameters).toEqual(sae.parameters);
  const evaluation = events.find((event) => event.kind === 'evaluation')!.evaluation;
  expect(Number.isFinite(evaluation.ceLossScore)).toBe(true);
  // The threshold is calibrated on the text that is measured.
  if (own.k !== undefined) expect(Math.abs(evaluation.l0 - own.k) * evaluation.tokens).toBeLessThan(1.5);
  expect(saveSae((await train(own, undefined, halfway)).sae)).toEqual(files);
});

test('settings of SAELens train without a constraint on rows, on scaled inputs, whose scale is in the weights at the end', async () => {
  const settings: TrainingSettingsInput = {
    loss: { auxCoefficient: 1 },
    optimiser: { clipNorm: 1 },
    schedule: { warmUpSteps: 2, decaySteps: 2, kind: 'cosineannealing' },
    start: { decoderNorm: 0.1, decoderBias: 'geometric_median' },
    deadAfterTokens: 3 * batchTokens,
    sae: { normalisation: 'expected_average_only_in', rescaleByDecoderNorm: true },
  };
  const { sae, events, halfway } = await train({ architecture: 'topk', k: 6 }, settings);
  expect(sae.config).toMatchObject({ architecture: 'topk', normalisation: 'none', rescaleByDecoderNorm: false });
  for (let f = 0; f < 96; f++)
    expect(Math.hypot(...sae.parameters.W_dec.subarray(f * 64, (f + 1) * 64))).toBeCloseTo(1, 5);
  const evaluation = events.find((event) => event.kind === 'evaluation')!.evaluation;
  expect(evaluation.explainedVariance).toBeGreaterThan(0.1);
  expect(saveSae((await train({ architecture: 'topk', k: 6 }, settings, halfway)).sae)).toEqual(saveSae(sae));
  await expect(train({ architecture: 'topk', k: 6 }, { ...settings, deadAfterTokens: 500 }, halfway)).rejects.toThrow(
    'deadAfterTokens (384, now 500)',
  );
});
