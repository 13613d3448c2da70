import { steeringPreviewSchema } from '@monosema/catalog';
import { openEngine, type Engine } from '@monosema/engine';
import { generate, loadModel, type Model } from '@monosema/model';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { linearCongruential, madeUpSae } from './made-up-sae.fixture.ts';
import { previewSteering, type SteeringEvent, type SteeringOptions } from './preview-steering.ts';
import { steeringVector } from './steering-vector.ts';

const sae = madeUpSae(linearCongruential(5), 32);
const prompts = ['Once upon a time', 'One day, a'];
const features = [9, 0, 63].map((index) => ({ index, maximum: 12 }));
let engine: Engine;
let model: Model;
beforeAll(async () => {
  engine = await openEngine({ threads: 1 });
  model = await loadModel('stories-260k');
});
afterAll(() => engine.close());

async function preview(options: Partial<SteeringOptions>): Promise<SteeringEvent[]> {
  const events: SteeringEvent[] = [];
  const all = { engine, model, sae, features, prompts, newTokens: 8, multiples: [0.5, 1.5], batchRows: 8, ...options };
  for await (const event of previewSteering(all)) events.push(event);
  return events;
}

test('each feature gets every prompt at every strength, in order, beside the plain continuation', async () => {
  const events = await preview({});
  expect(events.map(({ kind }) => kind)).toEqual([
    'baselines',
    'previews',
    'previews',
    'progress',
    'previews',
    'progress',
  ]);
  const baselines = (await generate(engine, model, { prompts, newTokens: 8 })).texts;
  expect(events[0]).toEqual({ kind: 'baselines', baselines });
  expect(events.at(-1)).toEqual({ kind: 'progress', done: 3, total: 3 });
  const found = events.flatMap((event) => (event.kind === 'previews' ? [event] : []));
  expect(found.map(({ index }) => index)).toEqual([9, 0, 63]);
  for (const { index, previews } of found) {
    const norm = Math.hypot(...sae.parameters.W_dec.subarray(index * 64, (index + 1) * 64));
    expect(previews.map(({ promptIndex }) => promptIndex)).toEqual([0, 0, 1, 1]);
    previews.forEach((one, i) => {
      steeringPreviewSchema.parse(one);
      expect(one.prompt).toBe(prompts[one.promptIndex]);
      expect(one.baseline).toBe(baselines[one.promptIndex]);
      expect(one.strength).toBeCloseTo((i % 2 === 0 ? 0.5 : 1.5) * 12 * norm, 4);
    });
    const vectors = steeringVector(sae, [{ feature: index, strength: previews[1]!.strength }]);
    const edit = { hookPoint: 'blocks.2.hook_resid_post', vectors };
    const alone = await generate(engine, model, { prompts: [prompts[0]!], newTokens: 8, edit });
    expect(previews[1]!.steered).toBe(alone.texts[0]);
  }
  expect(found.some(({ previews }) => previews.some(({ steered, baseline }) => steered !== baseline))).toBe(true);
});

test('the token budget cuts from the end, and may leave nothing', async () => {
  const indices = (events: SteeringEvent[]): number[] =>
    events.flatMap((e) => (e.kind === 'previews' ? [e.index] : []));
  expect(indices(await preview({ tokenBudget: 2 * 4 * 8 + 5 }))).toEqual([9, 0]);
  expect(indices(await preview({ tokenBudget: 10 }))).toEqual([]);
});

test('an abort ends it between batches', async () => {
  const abort = new AbortController();
  const run = async (): Promise<void> => {
    for await (const event of previewSteering({
      engine,
      model,
      sae,
      features,
      prompts,
      newTokens: 8,
      batchRows: 4,
      signal: abort.signal,
    }))
      if (event.kind === 'previews') abort.abort(new Error('enough'));
  };
  await expect(run()).rejects.toThrow('enough');
});

test('a feature that the SAE lacks is named', async () => {
  await expect(preview({ features: [{ index: 64, maximum: 1 }] })).rejects.toThrow(
    'there is no feature 64: the SAE has 0 to 63',
  );
});
