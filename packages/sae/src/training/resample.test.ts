import { trainingRequestSchema, type TrainingRequestInput } from '@monosema/catalog';
import type { Engine } from '@monosema/engine';
import type { Model } from '@monosema/model';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { resamplingRulesSchema } from '../config/resampling-rules.ts';
import type { TrainingSettingsInput } from '../config/training-settings.ts';
import { mapParameters, type SaeParameters } from '../sae.ts';
import { testNumbers, testSae } from '../sae.fixture.ts';
import { loadCheckpoint } from './checkpoint.ts';
import type { TrainingEvent } from './options.ts';
import { drawRows, isResamplingStep, resampled } from './resample.ts';
import { rowErrors } from './row-errors.ts';
import { trainSae } from './train-sae.ts';
import { openStories } from '../stories.fixture.ts';

// Many small runs, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 });

let engine: Engine;
let model: Model;
let contexts: Int32Array[];
beforeAll(async () => {
  ({ engine, model, contexts } = await openStories({ documents: 12, contextSize: 32, count: 60 }));
});
afterAll(() => engine.close());

test('rows are drawn by their squared loss, each once, and those without an error never', () => {
  const errors = [0, 1, 0, 3, 2];
  expect(new Set(drawRows(errors, 10, 1))).toEqual(new Set([1, 3, 4]));
  expect(drawRows(errors, 2, 5, 'resample', 7)).toEqual(drawRows(errors, 2, 5, 'resample', 7));
  const first = Array.from({ length: 4000 }, (_, seed) => drawRows(errors, 1, seed)[0]!);
  const share = (row: number): number => first.filter((drawn) => drawn === row).length / first.length;
  expect(share(3)).toBeCloseTo(9 / 14, 1);
  expect(share(4)).toBeCloseTo(4 / 14, 1);
  expect(share(1)).toBeCloseTo(1 / 14, 1);
});

test('resampling happens every so many tokens, a few times', () => {
  const rules = resamplingRulesSchema.parse({ everyTokens: 300, times: 2 });
  const steps = Array.from({ length: 20 }, (_, step) => step).filter((step) => isResamplingStep(rules, step, 100));
  expect(steps).toEqual([3, 6]);
  expect(isResamplingStep(null, 3, 100)).toBe(false);
  const anthropic = resamplingRulesSchema.parse({});
  expect([25_000, 50_000, 75_000, 100_000].every((step) => isResamplingStep(anthropic, step, 8192))).toBe(true);
  expect(isResamplingStep(anthropic, 125_000, 8192)).toBe(false);
});

/** Column f of W_enc [6, 10], row f of W_dec [10, 6]. */
const column = (x: Float32Array, f: number): number[] => Array.from({ length: 6 }, (_, d) => x[d * 10 + f]!);
const row = (x: Float32Array, f: number): number[] => [...x.subarray(f * 6, f * 6 + 6)];
const norm = (x: readonly number[]): number => Math.hypot(...x);

test('dead latents become inputs that were badly reconstructed; the living and their moments stay', () => {
  const sae = testSae({ architecture: 'jumprelu' });
  const moments = (): SaeParameters =>
    mapParameters(sae.config, (_, shape) => new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(2));
  const candidates = { encoded: testNumbers(5)(12), decoded: testNumbers(6)(12) };
  const optimiser = { step: 9, m: moments(), v: moments() };
  const before = structuredClone({ sae, optimiser });
  const next = resampled(sae, optimiser, [2, 7], candidates, { encoderShare: 0.2, threshold: 0.125 });
  expect({ sae, optimiser }).toEqual(before);

  const living = [0, 1, 3, 4, 5, 6, 8, 9];
  const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const { parameters } = sae;
  for (const [i, latent] of [2, 7].entries()) {
    const [encoded, decoded] = [
      [...candidates.encoded.subarray(i * 6, i * 6 + 6)],
      [...candidates.decoded.subarray(i * 6, i * 6 + 6)],
    ];
    const columnNorm = 0.2 * mean(living.map((f) => norm(column(parameters.W_enc, f))));
    const rowNorm = mean(living.map((f) => norm(row(parameters.W_dec, f))));
    column(next.parameters.W_enc, latent).forEach((value, d) =>
      expect(value).toBeCloseTo((encoded[d]! / norm(encoded)) * columnNorm, 5),
    );
    row(next.parameters.W_dec, latent).forEach((value, d) =>
      expect(value).toBeCloseTo((decoded[d]! / norm(decoded)) * rowNorm, 5),
    );
    expect([next.parameters.b_enc![latent], next.parameters.threshold![latent]]).toEqual([0, 0.125]);
    for (const { W_enc, W_dec, b_enc, b_dec, threshold } of [next.optimiser.m, next.optimiser.v]) {
      expect(
        [...column(W_enc, latent), ...row(W_dec, latent), b_enc![latent], threshold![latent]].every((x) => x === 0),
      ).toBe(true);
      expect(b_dec.every((x) => x === 2)).toBe(true);
    }
  }
  for (const f of living) {
    expect(column(next.parameters.W_enc, f)).toEqual(column(parameters.W_enc, f));
    expect(row(next.parameters.W_dec, f)).toEqual(row(parameters.W_dec, f));
    expect(row(next.optimiser.v.W_dec, f).every((x) => x === 2)).toBe(true);
  }
  expect(next.parameters.b_dec).toEqual(parameters.b_dec);
  expect(next.optimiser.step).toBe(9);
});

test('with no latent alive the norms are those that there were', () => {
  const sae = testSae({ architecture: 'gated' });
  const zeros = mapParameters(sae.config, (_, shape) => new Float32Array(shape.reduce((a, b) => a * b, 1)));
  const all = Array.from({ length: 10 }, (_, f) => f);
  const candidates = { encoded: testNumbers(5)(60), decoded: testNumbers(6)(60) };
  const rules = { encoderShare: 1, threshold: 0 };
  const { parameters } = resampled(sae, { step: 1, m: zeros, v: zeros }, all, candidates, rules);
  expect(Object.values(parameters).every((values) => (values as Float32Array).every(Number.isFinite))).toBe(true);
  expect(parameters.r_mag!.every((value) => value === 0)).toBe(true);
});

test('errors of rows are those of the reconstruction, a chunk at a time', async () => {
  const sae = testSae({ architecture: 'transcoder' });
  const width = sae.parameters.b_dec.length;
  const [x, target] = [testNumbers(1)(7 * 6), testNumbers(2)(7 * width)];
  const errors = await rowErrors(engine, sae, x, target);
  expect(errors).toHaveLength(7);
  const { W_enc, b_enc, W_dec, b_dec } = sae.parameters;
  const codes = Array.from({ length: 10 }, (_, f) =>
    Math.max(
      0,
      b_enc![f]! + Array.from({ length: 6 }, (_, d) => x[6 + d]! * W_enc[d * 10 + f]!).reduce((a, b) => a + b, 0),
    ),
  );
  const out = Array.from(
    b_dec,
    (bias, d) => bias + codes.reduce((sum, code, f) => sum + code * W_dec[f * width + d]!, 0),
  );
  expect(errors[1]).toBeCloseTo(
    out.reduce((sum, value, d) => sum + (value - target[width + d]!) ** 2, 0),
    3,
  );
});

async function train(own: Partial<TrainingRequestInput>, settings: TrainingSettingsInput, resume?: TrainingEvent) {
  const request = trainingRequestSchema.parse({
    ...{ modelId: 'stories-260k', dataSetId: 'tinystories', sourceId: '2-res-x', contextSize: 32 },
    ...{
      hookPoint: 'blocks.2.hook_resid_post',
      dSae: 96,
      learningRate: 1e-2,
      batchTokens: 128,
      trainingTokens: 128 * 12,
    },
    ...own,
  });
  const events: TrainingEvent[] = [];
  const text = { trainContexts: contexts.slice(0, 50), heldOutContexts: contexts.slice(50, 52) };
  const more = {
    ...(resume?.kind === 'checkpoint' && { resume: resume.files }),
    checkpointEverySteps: 3,
    evaluationTokens: 0,
  };
  for await (const event of trainSae({ request, settings, model, engine, ...text, ...more })) events.push(event);
  return events;
}

const deadly: TrainingSettingsInput = {
  // Random rows hardly reach a threshold this high; those of badly reconstructed inputs do.
  loss: { sparsityCoefficient: 0, jumpThreshold: 3 },
  optimiser: { decoderRows: 'unit', clipNorm: null },
  start: { decoderNorm: 1, decoderBias: 'mean' },
  deadAfterTokens: 3 * 128,
  resampling: { everyTokens: 6 * 128, times: 1, encoderShare: 1 },
};

const kinds: Partial<TrainingRequestInput>[] = [
  { architecture: 'jumprelu', l0Coefficient: 0 },
  { architecture: 'jumprelu_transcoder', l0Coefficient: 0, hookPointOut: 'blocks.3.hook_mlp_out' },
];
test.each(kinds)(
  'latents that died live again after resampling, and a run resumed around it has the same bits: %o',
  async (own) => {
    const events = await train(own, deadly);
    const dead = events.flatMap((event) => (event.kind === 'metrics' ? [event.metrics.deadFeatures] : []));
    expect(dead[5]).toBeGreaterThan(20); // before step 6
    expect(dead[6]).toBe(0);
    const checkpoints = events.filter((event) => event.kind === 'checkpoint');
    const atStep = (step: number) => checkpoints.find((event) => event.step === step)!;
    // The checkpoint of step 6 has the new latents: their Adam moments are 0.
    const { optimiser } = loadCheckpoint(atStep(6).files);
    const still = Array.from({ length: 96 }, (_, f) => optimiser.v.b_enc![f] === 0).filter(Boolean).length;
    expect(still).toBeGreaterThan(20);
    for (const step of [3, 6]) {
      const resumed = await train(own, deadly, atStep(step));
      expect(resumed.at(-1)).toEqual(events.at(-1));
    }
  },
);
