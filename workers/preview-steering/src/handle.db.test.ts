import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openArtifacts } from '@monosema/artifacts';
import { noDetails, runStages, trainingRequestSchema, type FeatureRecord, type SourceRecord } from '@monosema/catalog';
import {
  claimStage,
  createBuild,
  getFeaturePage,
  getRun,
  insertFeatures,
  insertRun,
  listPreviewedFeatures,
  publishBuild,
  putPreviews,
  putTokenSet,
  putVocabulary,
  settleStage,
  upsertDataSet,
  upsertModel,
} from '@monosema/db/queries';
import { createTestDatabase, type TestDatabase } from '@monosema/db/testing';
import { openLog, openQueue, openWorker, type Queue } from '@monosema/jobs';
import { loadModel } from '@monosema/model';
import { saeConfigSchema, saveSae, type Sae } from '@monosema/sae';
import { previewSteeringHandler } from './handle.ts';

const hookPoint = 'blocks.2.hook_resid_post';
const address = { modelId: 'stories-260k', sourceId: '2-res-tk' };
const request = trainingRequestSchema.parse({
  ...address,
  dataSetId: 'tinystories',
  hookPoint,
  architecture: 'topk',
  dSae: 4,
  k: 2,
  learningRate: 1e-3,
  trainingTokens: 4096,
});
const contract = {
  modelId: 'stories-260k',
  hookPoint,
  dIn: 64,
  contextSize: 128,
  prependBos: true,
  excludedTokens: [0, 1, 2],
};

let database: TestDatabase;
let queue: Queue;
let data: string;
beforeAll(async () => {
  database = await createTestDatabase();
  queue = await openQueue(database.url, { role: 'send' });
  data = await mkdtemp(join(tmpdir(), 'preview-steering-'));
  const model = await loadModel('stories-260k');
  await upsertModel(database.orm, model.record);
  await putVocabulary(database.orm, model.id, model.tokenizer.vocabulary);
  await upsertDataSet(database.orm, { id: 'tinystories', displayName: 'TinyStories', origin: null, licence: null });
});
afterAll(async () => {
  await queue.close();
  await database.drop();
  await rm(data, { recursive: true, force: true });
});

function axes(): Sae {
  const config = saeConfigSchema.parse({
    architecture: 'topk',
    dIn: 64,
    dSae: 4,
    k: 2,
    contract,
    dataSetId: 'tinystories',
  });
  const W_enc = new Float32Array(64 * 4);
  const W_dec = new Float32Array(4 * 64);
  for (let i = 0; i < 4; i++) W_enc[i * 4 + i] = W_dec[i * 64 + i] = 1;
  return { config, parameters: { W_enc, W_dec, b_enc: new Float32Array(4), b_dec: new Float32Array(64) } };
}

/** Feature 2 is dead, and the scores descend 3, 1, 0. */
const scores = [0.2, 0.5, 0, 0.9];
const features = scores.map((score, index): FeatureRecord => {
  const firings = score > 0 ? 3 : 0;
  const numbers = { firings, density: firings / 100, maximum: firings * 10, mean: firings, score };
  const lists = { topLogits: [], bottomLogits: [], topTokens: [], examples: [], groups: [], details: noDetails };
  return { index, ...numbers, histogram: { minimum: 0, maximum: 30, counts: [firings] }, ...lists };
});

async function publishedRun(): Promise<{ runId: string; buildId: number }> {
  const db = database.orm;
  const artifacts = openArtifacts(join(data, 'artifacts'));
  const checkpoint: Record<string, string> = {};
  for (const [name, bytes] of Object.entries(saveSae(axes()))) checkpoint[name] = await artifacts.put(bytes);
  const runId = await insertRun(db, { request, createdBy: null });
  for (const stage of runStages.slice(0, 3)) {
    const claimed = await claimStage(db, { runId, stage, worker: 'test' });
    if (claimed.kind === 'claimed') await settleStage(db, claimed.claim, { checkpoint });
  }
  const set = { dataSetId: 'tinystories', modelId: 'stories-260k', contextSize: 128, contexts: [new Int32Array(128)] };
  const tokenSetId = await putTokenSet(db, set);
  const sae = {
    architecture: 'topk',
    dSae: 4,
    hookPoint: contract.hookPoint,
    contract,
    evaluation: null,
    provenance: null,
    runId,
  } as const;
  const source: SourceRecord = { modelId: address.modelId, id: address.sourceId, ...sae };
  const buildId = await createBuild(db, { source, tokenSetId, tokens: 100 });
  await insertFeatures(db, buildId, features);
  await publishBuild(db, buildId);
  return { runId, buildId };
}

test('the best features are previewed as far as the budget reaches, and what a killed attempt made is kept', async () => {
  const { runId, buildId } = await publishedRun();
  const steered = 'made before the kill';
  const kept = { promptIndex: 0, prompt: '', strength: 1, baseline: '', steered };
  await putPreviews(database.orm, buildId, [{ index: 3, previews: [kept] }]);
  await database.orm.transaction((tx) => queue.send(tx, 'preview-steering', { runId }));
  const env = { MONOSEMA_DATA: data, MONOSEMA_ENGINE: undefined, MONOSEMA_STEERING_TOKENS: 2 * 128 + 127 };
  const log = openLog('test', 'silent');
  const worker = await openWorker({
    stage: 'preview-steering',
    handle: previewSteeringHandler(env),
    url: database.url,
    log,
  });
  await expect.poll(async () => (await getRun(database.orm, runId))!.status, { timeout: 60_000 }).toBe('succeeded');
  await worker.stop();

  expect((await getRun(database.orm, runId))!.stages[3]).toMatchObject({ done: 2, total: 2, unit: 'features' });
  expect((await listPreviewedFeatures(database.orm, buildId)).sort()).toEqual([1, 3]);
  const previews = async (index: number) => (await getFeaturePage(database.orm, { ...address, index }))!.steering;
  expect(await previews(3)).toMatchObject([{ steered }]);
  const made = await previews(1);
  expect(made.map(({ promptIndex, strength }) => [promptIndex, strength])).toEqual([
    [0, 15],
    [0, 30],
    [1, 15],
    [1, 30],
  ]);
  for (const { baseline, steered: text } of made) expect(text).not.toBe(baseline);
}, 90_000);
