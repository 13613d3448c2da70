import { trainingRequestSchema, type TrainingRequestInput } from '@monosema/catalog';
import { openEngine, type Engine } from '@monosema/engine';
import { loadModel, tokenContexts, type Model } from '@monosema/model';
import { openDataSet } from '@monosema/sample-data';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TrainingSettingsInput } from '../config/training-settings.ts';
import { meanNorm } from '../training/input-statistics.ts';
import type { TrainingEvent, TrainingOptions } from '../training/options.ts';
import { trainSae } from '../training/train-sae.ts';

// Faults that other programs had (issues of SAELens unless another is named); faults.fixture.ts lists all of them.
// Here: activations on their way into training. How text becomes contexts is tested in packages/model.

const [contextSize, batchTokens] = [32, 128];
let engine: Engine;
let model: Model;
let contexts: Int32Array[];
let longer: Int32Array[];
beforeAll(async () => {
  [engine, model] = await Promise.all([openEngine(), loadModel('stories-260k')]);
  const { documents } = await openDataSet('tinystories');
  contexts = tokenContexts(model.tokenizer, documents('train').slice(0, 12), contextSize).slice(0, 40);
  longer = tokenContexts(model.tokenizer, documents('train').slice(0, 12), 2 * contextSize).slice(0, 4);
});
afterAll(() => engine.close());

async function train(
  own: Partial<TrainingRequestInput> = {},
  settings?: TrainingSettingsInput,
  more: Partial<TrainingOptions> = {},
): Promise<TrainingEvent[]> {
  const request = trainingRequestSchema.parse({
    ...{ modelId: 'stories-260k', dataSetId: 'tinystories', sourceId: '2-res-x' },
    ...{
      hookPoint: 'blocks.2.hook_resid_post',
      architecture: 'standard',
      l1Coefficient: 0.1,
      dSae: 96,
      learningRate: 1e-2,
    },
    ...{ batchTokens, trainingTokens: batchTokens, contextSize, ...own },
  });
  const texts = { trainContexts: contexts.slice(0, 30), heldOutContexts: contexts.slice(30, 34) };
  const options = { request, model, engine, ...texts, ...(settings && { settings }), ...more };
  const events: TrainingEvent[] = [];
  for await (const event of trainSae(options)) events.push(event);
  return events;
}
const saeOf = (events: TrainingEvent[]) => {
  const last = events.at(-1);
  if (last?.kind !== 'done') throw new Error('the run did not end');
  return last.sae;
};

test('#467: the norm was estimated from the first token of each batch; all rows count', () => {
  const parts = [
    { rows: 2, data: Float32Array.of(3, 4, 6, 8) },
    { rows: 1, data: Float32Array.of(0, 1) },
  ];
  expect(meanNorm(parts, 2)).toBeCloseTo((5 + 10 + 1) / 3, 9);
});

test('#439: b_dec began at the median of activations that were not scaled yet', async () => {
  // A step that moves nothing; the scale is folded in at the end, so both are in the units of the model.
  const biasOf = async (normalisation: 'none' | 'expected_average_only_in') =>
    saeOf(await train({ learningRate: 1e-12 }, { start: { decoderBias: 'geometric_median' }, sae: { normalisation } }))
      .parameters;
  const [plain, scaled] = [await biasOf('none'), await biasOf('expected_average_only_in')];
  expect(Math.hypot(...plain.b_dec)).toBeGreaterThan(0.1);
  // That there was a scale at all shows in the encoder.
  expect(Math.hypot(...scaled.W_enc) / Math.hypot(...plain.W_enc)).not.toBeCloseTo(1, 1);
  plain.b_dec.forEach((value, d) => expect(scaled.b_dec[d]).toBeCloseTo(value, 4));
});

test('#626, #627: fewer tokens than a context trained on nothing; steps are of tokens, and less than one is refused', async () => {
  const tokens = contextSize;
  const texts = { trainContexts: longer.slice(0, 2), heldOutContexts: longer.slice(2) };
  const events = await train(
    { contextSize: 2 * contextSize, batchTokens: tokens, trainingTokens: tokens },
    undefined,
    texts,
  );
  expect(events.find((event) => event.kind === 'metrics')?.metrics).toMatchObject({ step: 1, tokens });
  await expect(train({ trainingTokens: batchTokens - 1 })).rejects.toThrow('must be at least one batch');
});

test('sparsify #120: no special tokens at all crashed the mask; then every token is trained on and measured', async () => {
  const plain: Model = { ...model, tokenizer: { ...model.tokenizer, bos: null, specialTokens: [] } };
  const events = await train({}, undefined, { model: plain });
  expect(saeOf(events).config.contract).toMatchObject({ excludedTokens: [], prependBos: false });
  expect(events.find((event) => event.kind === 'evaluation')?.evaluation.tokens).toBe(4 * contextSize);
});
