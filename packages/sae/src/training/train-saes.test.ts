import { trainingRequestSchema, type TrainingRequest, type TrainingRequestInput } from '@monosema/catalog';
import type { Engine } from '@monosema/engine';
import type { Model } from '@monosema/model';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Files } from '../checkpoint/sae-files.ts';
import type { SaeRun, SaesEvent, TrainingConduct, TrainingText, TrainSaesOptions } from './options.ts';
import { sweepRuns } from './sweep.ts';
import { trainSae } from './train-sae.ts';
import { trainSaes } from './train-saes.ts';
import { openStories } from '../stories.fixture.ts';

const contextSize = 32;
// Many small runs, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 });

let engine: Engine;
let model: Model;
let contexts: Int32Array[];
beforeAll(async () => {
  ({ engine, model, contexts } = await openStories({ documents: 12, contextSize, count: 64 }));
});
afterAll(() => engine.close());

const base: TrainingRequestInput = {
  ...{ modelId: 'stories-260k', dataSetId: 'tinystories', sourceId: '2-res-x', hookPoint: 'blocks.2.hook_resid_post' },
  ...{ architecture: 'topk', dSae: 96, k: 4, learningRate: 1e-2, contextSize },
  ...{ batchTokens: 128, trainingTokens: 128 * 4 },
};
const request = (own: Partial<TrainingRequestInput> = {}): TrainingRequest =>
  trainingRequestSchema.parse({ ...base, ...own });
const together = (): TrainingText & TrainingConduct => ({
  ...{ model, engine, trainContexts: contexts.slice(0, 60), heldOutContexts: contexts.slice(60) },
  ...{ checkpointEverySteps: 2, evaluationTokens: 0 },
});

async function trainAll(runs: TrainSaesOptions['runs']): Promise<SaesEvent[]> {
  const events: SaesEvent[] = [];
  for await (const event of trainSaes({ ...together(), runs })) events.push(event);
  return events;
}
async function alone(run: SaeRun): Promise<Files> {
  for await (const event of trainSae({ ...together(), ...run })) if (event.kind === 'done') return event.files;
  throw new Error('the run did not end');
}
const filesOf = (events: readonly SaesEvent[], run: number): Files => {
  const done = events.find((event) => event.kind === 'done' && event.run === run);
  return done?.kind === 'done' ? done.files : {};
};
const kindsOf = (events: readonly SaesEvent[], run: number): string[] =>
  events.filter((event) => event.run === run).map(({ kind }) => kind);

const runs = (): SaeRun[] => [
  { request: request() },
  { request: request({ k: 8, batchTokens: 96, learningRate: 3e-3 }) },
  { request: request({ architecture: 'standard', k: undefined, l1Coefficient: 0.1, seed: 7 }) },
  { request: request({ hookPoint: 'blocks.4.mlp.hook_post', trainingTokens: 128 * 2 }) },
  {
    request: request({
      ...{ architecture: 'transcoder', k: undefined, l1Coefficient: 0.1 },
      ...{ hookPoint: 'blocks.1.hook_resid_mid', hookPointOut: 'blocks.1.hook_mlp_out' },
    }),
  },
];

let events: SaesEvent[];
test('SAEs of several hook points, batches and seeds come out of one pass as if each had been trained alone', async () => {
  events = await trainAll(runs());
  for (const [place, run] of runs().entries()) {
    expect(kindsOf(events, place).at(-1)).toBe('done');
    expect(filesOf(events, place), `run ${place}`).toEqual(await alone(run));
  }
  expect(kindsOf(events, 0).filter((kind) => kind === 'checkpoint')).toHaveLength(2);
});

test('runs that stopped at different steps catch up, and end with the same bits', async () => {
  const checkpoint = (run: number, step: number): { resume: Files } => {
    const found = events.find((event) => event.run === run && event.kind === 'checkpoint' && event.step === step);
    return { resume: found?.kind === 'checkpoint' ? found.files : {} };
  };
  const [first, second, ...rest] = runs();
  const resumed = await trainAll([{ ...first!, ...checkpoint(0, 4) }, { ...second!, ...checkpoint(1, 2) }, ...rest]);
  expect(kindsOf(resumed, 0)).toEqual(['done']);
  for (const place of runs().keys()) expect(filesOf(resumed, place)).toEqual(filesOf(events, place));
});

test('a run whose loss explodes ends alone', async () => {
  const explosive = request({ architecture: 'standard', k: undefined, l1Coefficient: 0, learningRate: 1, seed: 3 });
  const settings = { start: { decoderNorm: 1e18 }, optimiser: { clipNorm: null } };
  const events = await trainAll([
    { request: explosive, settings, name: 'wild' },
    { request: request(), name: 'tame' },
  ]);
  expect(kindsOf(events, 0)).toEqual(['failed']);
  const [failed] = events.filter((event) => event.kind === 'failed');
  expect(failed).toMatchObject({ name: 'wild', error: { name: 'DivergedError' } });
  expect(filesOf(events, 1)).toEqual(await alone({ request: request() }));
  await expect(alone({ request: explosive, settings })).rejects.toThrow('learningRate 1 is too high');
});

test('what is wrong with a run is said by its name', async () => {
  await expect(trainAll([])).rejects.toThrow('runs is empty');
  const twice = [
    { request: request(), name: 'a' },
    { request: request(), name: 'a' },
  ];
  await expect(trainAll(twice)).rejects.toThrow('two runs are called a');
  const wrong = { request: request({ hookPoint: 'blocks.9.hook_resid_post' }), name: 'far' };
  await expect(trainAll([{ request: request() }, wrong])).rejects.toThrow(
    'run far: hook point "blocks.9.hook_resid_post": layer 9 is out of range',
  );
});

test('a sweep is every combination, with names, source ids, levels and weights that follow', () => {
  const grid = { k: [8, 16], learningRate: [1e-3, 3e-3] };
  const swept = sweepRuns({ request: base }, grid);
  expect(swept.map(({ name }) => name)).toEqual(['k8-lr0.001', 'k8-lr0.003', 'k16-lr0.001', 'k16-lr0.003']);
  expect(swept[2]!.request).toMatchObject({ k: 16, learningRate: 1e-3, sourceId: '2-res-x-k16-lr0.001' });
  expect(swept[2]!.settings).toBeUndefined();

  const nested = { ...base, architecture: 'matryoshka_batchtopk' as const, widths: [24, 96] };
  const [wide] = sweepRuns({ request: nested }, { dSae: [192], hookPoint: ['blocks.3.hook_mlp_out'] });
  expect(wide!.request).toMatchObject({ widths: [48, 192], sourceId: '3-res-x-mlp_out-d192' });

  const relu = { ...base, architecture: 'standard' as const, k: undefined };
  const [weak] = sweepRuns({ request: relu, settings: { loss: { lpNorm: 1 } } }, { l1Coefficient: [0.5] });
  expect(weak!.settings).toEqual({ loss: { lpNorm: 1, sparsityCoefficient: 0.5 } });

  expect(() => sweepRuns({ request: base }, { k: [] })).toThrow('k of the sweep is empty');
  expect(() => sweepRuns({ request: base }, { k: [4, 400] })).toThrow('run k400: ');
});

test('seeds of a sweep start differently and read the text in one order', async () => {
  const swept = sweepRuns({ request: base }, { seed: [1, 2] });
  expect(swept.map(({ settings }) => settings?.dataSeed)).toEqual([1, 1]);
  const events = await trainAll(swept);
  expect(filesOf(events, 0)).toEqual(await alone({ request: request({ seed: 1, sourceId: '2-res-x-seed1' }) }));
  expect(filesOf(events, 1)).not.toEqual(filesOf(events, 0));
});
