import { mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trainingRequestSchema, type TrainingRequestInput } from '@monosema/catalog';
import { openEngine, type Engine } from '@monosema/engine';
import { loadModel, tokenContexts, type Model } from '@monosema/model';
import { openDataSet } from '@monosema/sample-data';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Files } from '../../checkpoint/sae-files.ts';
import type { SaesEvent, TrainingConduct, TrainingData } from '../options.ts';
import { trainSaes } from '../train-saes.ts';
import { cacheActivations, type CacheActivationsOptions } from './cache-activations.ts';
import { openCachedActivations } from './cached-activations.ts';

const contextSize = 32;
const hookPoints = ['blocks.2.hook_resid_post', 'blocks.3.mlp.hook_post'];
// Many small runs, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 });

let engine: Engine;
let model: Model;
let trainContexts: Int32Array[];
let heldOutContexts: Int32Array[];
let folder: string;
beforeAll(async () => {
  [engine, model] = await Promise.all([openEngine(), loadModel('stories-260k')]);
  const { documents } = await openDataSet('tinystories');
  const contexts = tokenContexts(model.tokenizer, documents('train').slice(0, 12), contextSize);
  [trainContexts, heldOutContexts] = [contexts.slice(0, 60), contexts.slice(60, 66)];
  folder = await mkdtemp(join(tmpdir(), 'activations-'));
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

// A context takes 32 * (4 + 4 * (64 + 172)) bytes, about 30 kB: three files of train.
async function write(name: string, more: Partial<CacheActivationsOptions> = {}, passes = Infinity): Promise<number[]> {
  const text = { model, trainContexts, heldOutContexts };
  const options = { ...text, engine, hookPoints, dataSetId: 'tinystories', shardBytes: 700_000 };
  const done: number[] = [];
  for await (const progress of cacheActivations({
    ...options,
    folder: join(folder, name),
    ...more,
  } as CacheActivationsOptions)) {
    done.push(progress.done / progress.total);
    if (done.length === passes) break;
  }
  return done;
}

const base: TrainingRequestInput = {
  ...{ modelId: 'stories-260k', dataSetId: 'tinystories', sourceId: '2-res-x', hookPoint: hookPoints[0]! },
  ...{ architecture: 'batchtopk', dSae: 96, k: 4, learningRate: 1e-2, contextSize },
  ...{ batchTokens: 128, trainingTokens: 128 * 3 },
};
const runs = [
  { request: trainingRequestSchema.parse(base), name: 'residual' },
  { request: trainingRequestSchema.parse({ ...base, hookPoint: hookPoints[1] }), name: 'mlp' },
];
async function train(options: TrainingData & TrainingConduct): Promise<{ files: Files[]; events: SaesEvent[] }> {
  const events: SaesEvent[] = [];
  for await (const event of trainSaes({ ...options, runs })) events.push(event);
  return { events, files: events.flatMap((event) => (event.kind === 'done' ? [event.files] : [])) };
}

test('SAELens #716: training from cached activations needs neither model nor data set, and gives the same SAEs', async () => {
  expect((await write('whole')).at(-1)).toBe(1);
  const path = join(folder, 'whole');
  expect((await readdir(path)).sort()).toEqual([
    ...['heldOut-00000.safetensors', 'manifest.json'],
    ...['train-00000.safetensors', 'train-00001.safetensors', 'train-00002.safetensors'],
  ]);
  const activations = await openCachedActivations(path);
  const cached = await train({ engine, activations });
  expect(cached.events.some(({ kind }) => kind === 'evaluation')).toBe(false);
  const weights = ({ files }: typeof cached) => files.map((each) => each['sae_weights.safetensors']);
  const fromModel = await train({ engine, model, trainContexts, heldOutContexts, evaluationTokens: 0 });
  expect(weights(cached)).toEqual(weights(fromModel));
  await activations.close();
});

test('caching that was killed goes on behind the last whole file', async () => {
  await write('broken', {}, 2);
  const path = join(folder, 'broken');
  await writeFile(join(path, '.train-00001.safetensors'), 'half a file');
  await expect(openCachedActivations(path)).rejects.toThrow('has no manifest.json');
  const before = (await readdir(path)).filter((file) => file.startsWith('train'));
  expect(before).toEqual(['train-00000.safetensors']);
  await write('broken');
  for (const file of await readdir(join(folder, 'whole')))
    expect((await readFile(join(path, file))).equals(await readFile(join(folder, 'whole', file))), file).toBe(true);
  await expect(write('broken')).rejects.toThrow('holds cached activations already');
});

test('a model beside the activations measures what was trained on them', async () => {
  const activations = await openCachedActivations(join(folder, 'whole'), { model });
  const { events } = await train({ engine, activations, model, evaluationTokens: 64 });
  expect(events.filter(({ kind }) => kind === 'evaluation')).toHaveLength(2);
  const other = { ...model, id: 'gpt2' };
  await expect(train({ engine, activations, model: other })).rejects.toThrow('are of stories-260k, not gpt2');
  await activations.close();
});

test('halves take half the room and are read back as numbers', async () => {
  await write('halves', { dtype: 'bfloat16', hookPoints: [hookPoints[0]!] });
  const activations = await openCachedActivations(join(folder, 'halves'));
  const exact = await openCachedActivations(join(folder, 'whole'));
  const read = async (from: typeof exact) =>
    (await (await from.open([hookPoints[0]!], contextSize)).read('train', Int32Array.of(59, 3)))[hookPoints[0]!]!;
  const [rounded, full] = [await read(activations), await read(exact)];
  expect(rounded).toHaveLength(2 * contextSize * 64);
  rounded.forEach((value, i) => expect(Math.abs(value - full[i]!)).toBeLessThanOrEqual(Math.abs(full[i]!) / 256));
  await activations.close();
  await exact.close();
});

test('what the cache is not of is refused by name', async () => {
  const path = join(folder, 'whole');
  const other = {
    ...model,
    weights: { ...model.weights, 'embed.W_E': { data: new Float32Array(512 * 64), shape: [512, 64] } },
  };
  const open = (expected: Parameters<typeof openCachedActivations>[1]) => openCachedActivations(path, expected);
  await expect(open({ model: other })).rejects.toThrow('of stories-260k with other weights, or other processing');
  await expect(open({ model: { ...model, id: 'gpt2' } })).rejects.toThrow('are of stories-260k, not gpt2');
  await expect(open({ hookPoints: ['blocks.0.hook_resid_pre'] })).rejects.toThrow(
    'blocks.0.hook_resid_pre is not among the cached hook points: blocks.2.hook_resid_post, blocks.3.mlp.hook_post',
  );
  await expect(open({ trainContexts: heldOutContexts })).rejects.toThrow('of another text than trainContexts');
  await (await open({ model, hookPoints, trainContexts, heldOutContexts })).close();
});

test('a damaged cache is refused by name', async () => {
  const path = join(folder, 'broken');
  const file = join(path, 'train-00002.safetensors');
  const bytes = await readFile(file);
  await truncate(file, bytes.length - 4);
  await expect(openCachedActivations(path)).rejects.toThrow(`train-00002.safetensors has ${bytes.length - 4} bytes`);
  await rename(join(path, 'train-00001.safetensors'), file);
  await expect(openCachedActivations(path)).rejects.toThrow('train-00001.safetensors');
  await writeFile(join(path, 'manifest.json'), '{"format": 2}');
  await expect(openCachedActivations(path)).rejects.toThrow('manifest.json');
});
