import { trainingRequestSchema, type TrainingRequestInput } from '@monosema/catalog';
import { readSafetensors } from '@monosema/formats';
import type { Engine } from '@monosema/engine';
import type { Model } from '@monosema/model';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { loadSae, type Files } from '../checkpoint/sae-files.ts';
import { loadCheckpoint } from './checkpoint.ts';
import type { TrainingEvent, TrainingOptions } from './options.ts';
import { trainSae } from './train-sae.ts';
import { openStories } from '../stories.fixture.ts';

const contextSize = 32;
const steps = 12;
// Many small runs, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 });

let engine: Engine;
let model: Model;
let contexts: Int32Array[];
beforeAll(async () => {
  ({ engine, model, contexts } = await openStories({ documents: 20, contextSize }));
});
afterAll(() => engine.close());

function options(request: Partial<TrainingRequestInput> = {}, more: Partial<TrainingOptions> = {}): TrainingOptions {
  const base = {
    modelId: 'stories-260k',
    dataSetId: 'tinystories',
    sourceId: '2-res-tk',
    hookPoint: 'blocks.2.hook_resid_post',
  };
  const sizes = {
    architecture: 'topk' as const,
    dSae: 96,
    k: 4,
    learningRate: 1e-2,
    batchTokens: 200,
    trainingTokens: 200 * steps,
    contextSize,
  };
  return {
    request: { ...trainingRequestSchema.parse({ ...base, ...sizes }), ...request } as TrainingOptions['request'],
    ...{
      model,
      engine,
      trainContexts: contexts.slice(0, 150),
      heldOutContexts: contexts.slice(150, 170),
      checkpointEverySteps: 5,
    },
    ...more,
  };
}
async function train(given: TrainingOptions): Promise<TrainingEvent[]> {
  const events: TrainingEvent[] = [];
  for await (const event of trainSae(given)) events.push(event);
  return events;
}
const only = <K extends TrainingEvent['kind']>(events: TrainingEvent[], kind: K) =>
  events.filter((event): event is Extract<TrainingEvent, { kind: K }> => event.kind === kind);
const final = (events: TrainingEvent[]): Files => only(events, 'done')[0]!.files;

const architectures: Partial<TrainingRequestInput>[] = [
  {},
  { architecture: 'standard', k: undefined, l1Coefficient: 0.1 },
];
test.each(architectures)(
  'a run gives metrics, checkpoints, evaluation and SAE, and resumes bit by bit: %o',
  async (request) => {
    const events = await train(options(request));
    const metrics = only(events, 'metrics').map((event) => event.metrics);
    expect(metrics.at(-1)).toMatchObject({ step: steps, tokens: 200 * steps, deadFeatures: 0 });
    expect(metrics.at(-1)!.mse).toBeLessThan(metrics[0]!.mse);
    expect(metrics.every(({ explainedVariance }) => explainedVariance <= 1)).toBe(true);
    expect(only(events, 'checkpoint').map(({ step }) => step)).toEqual([5, 10, 12]);
    expect(only(events, 'evaluation')[0]!.evaluation.explainedVariance).toBeGreaterThan(0);
    expect(events.at(-1)!.kind).toBe('done');
    const { evaluation } = only(events, 'evaluation')[0]!;
    const { sparsity } = readSafetensors(final(events)['sparsity.safetensors']!);
    const l0 = Array.from(sparsity!.data, (log) => 10 ** log).reduce((sum, density) => sum + density, 0);
    expect(l0).toBeCloseTo(evaluation.l0, 3);
    expect(loadSae(final(events)).config.metadata).toMatchObject({
      ...{ training_architecture: options(request).request.architecture, training_tokens: 200 * steps },
      ...{ l0: evaluation.l0, num_dead_features: evaluation.deadFeatures },
    });
    expect(loadSae(final(events)).config.contract).toMatchObject({ prependBos: true, excludedTokens: [0, 1, 2] });

    for (const { files } of only(events, 'checkpoint')) {
      const resumed = await train(options(request, { resume: files }));
      expect(final(resumed)).toEqual(final(events));
    }
  },
);

test('what training needs to go on is all in the checkpoint, and checkpoints without a cache are the same', async () => {
  const [cached, uncached] = [
    await train(options()),
    await train(options({}, { activationCacheBytes: 0, threads: 1 })),
  ];
  expect(only(uncached, 'checkpoint')).toEqual(only(cached, 'checkpoint'));
  const state = loadCheckpoint(only(cached, 'checkpoint')[0]!.files);
  expect(state).toMatchObject({ step: 5, optimiser: { step: 5 }, request: options().request });
  expect(Math.max(...state.sinceFired)).toBeLessThanOrEqual(5);
  await expect(
    train(options({ learningRate: 2e-2 }, { resume: only(cached, 'checkpoint')[0]!.files })),
  ).rejects.toThrow('the checkpoint is of another request; different: learningRate (0.01, now 0.02)');
});

test('a signal ends a run between two steps', async () => {
  const abort = new AbortController();
  const seen: TrainingEvent[] = [];
  await expect(async () => {
    for await (const event of trainSae(options({}, { signal: abort.signal }))) {
      seen.push(event);
      abort.abort();
    }
  }).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  expect(seen).toHaveLength(1);
});

const wrong: [string, () => TrainingOptions, RegExp][] = [
  ['an unknown hook', () => options({ hookPoint: 'blocks.2.hook_residual' }), /no hook point "blocks.2.hook_residual"/],
  ['a layer out of range', () => options({ hookPoint: 'blocks.9.hook_resid_post' }), /layer 9 is out of range.*0 to 4/],
  ['k above d_sae', () => options({ k: 97 }), /k is 97, but must be at most d_sae, which is 96/],
  ['negative tokens', () => options({ trainingTokens: -5 }), /trainingTokens/],
  [
    'a negative token id',
    () => options({}, { trainContexts: [new Int32Array(contextSize).fill(-1)] }),
    /trainContexts\[0\]\[0\] is token -1, but ids run from 0 to 511/,
  ],
  ['no text', () => options({}, { heldOutContexts: [] }), /heldOutContexts is empty/],
  [
    'contexts of another length',
    () => options({ contextSize: 64 }),
    /trainContexts\[0\] has 32 tokens, but contexts have 64/,
  ],
  [
    'more context than the model has',
    () => options({ contextSize: 1024 }),
    /contextSize is 1024, but stories-260k reads at most 512/,
  ],
  ['another model', () => options({ modelId: 'gpt2-small' }), /modelId is gpt2-small, but the model is stories-260k/],
  [
    'nothing but special tokens',
    () => options({}, { trainContexts: [new Int32Array(contextSize).fill(1)] }),
    /nothing but special tokens/,
  ],
  [
    'a rate that explodes',
    () => options({ architecture: 'standard', l1Coefficient: 1, k: undefined, learningRate: 1e38 as number }),
    /learningRate/,
  ],
];
test.each(wrong)('%s is refused by name', async (_, given, message) => {
  await expect(train(given())).rejects.toThrow(message);
});
