import { afterAll, beforeAll, expect, test } from 'vitest';
import { noDetails, trainingRequestSchema, Vocabulary, type FeatureRecord, type SourceRecord } from '@monosema/catalog';
import {
  claimStage,
  createBuild,
  getRun,
  insertFeatures,
  insertRun,
  publishBuild,
  putTokenSet,
  putVocabulary,
  settleStage,
  upsertDataSet,
  upsertModel,
} from '@monosema/db/queries';
import { createTestDatabase, type TestDatabase } from '@monosema/db/testing';
import { openLog, openQueue, openWorker, type Queue } from '@monosema/jobs';
import { openSearch } from '@monosema/search';
import { indexSearchHandler } from './handle.ts';

const words = [' dragon', ' castle', ' river', '\0'];
const vocabulary = new Vocabulary(words.map((word) => new TextEncoder().encode(word)));
const address = { modelId: 'tiny', sourceId: '0-res-tk' };
const request = trainingRequestSchema.parse({
  ...address,
  dataSetId: 'words',
  hookPoint: 'hook_embed',
  architecture: 'topk',
  dSae: 4,
  k: 1,
  learningRate: 1e-3,
  trainingTokens: 4096,
});
const contract = {
  modelId: 'tiny',
  hookPoint: 'hook_embed',
  dIn: 2,
  contextSize: 8,
  prependBos: false,
  excludedTokens: [],
};

const feature = (index: number, token: number, firings = 5): FeatureRecord => ({
  index,
  firings,
  density: firings / 100,
  maximum: 1,
  mean: 0.5,
  histogram: { minimum: 0, maximum: 1, counts: [firings] },
  topLogits: [{ token: 3, value: 1 }],
  bottomLogits: [],
  topTokens: [{ token, value: 1 }],
  score: firings > 0 ? 0.5 : 0,
  examples: [],
  groups: [],
  details: noDetails,
});

let database: TestDatabase;
let queue: Queue;
beforeAll(async () => {
  database = await createTestDatabase();
  queue = await openQueue(database.url, { role: 'send' });
  const size = { layers: 1, dModel: 2, vocabularySize: words.length, contextSize: 8 };
  const names = { id: 'tiny', displayName: 'tiny', architecture: 'llama', origin: null, licence: null };
  await upsertModel(database.orm, { ...names, ...size, hookPoints: [] });
  await upsertDataSet(database.orm, { id: 'words', displayName: 'words', origin: null, licence: null });
  await putVocabulary(database.orm, 'tiny', vocabulary);
});
afterAll(async () => {
  await queue.close();
  await database.drop();
});

/** A run whose dashboards are published. */
async function runWith(features: FeatureRecord[]): Promise<string> {
  const db = database.orm;
  const runId = await insertRun(db, { request, createdBy: null });
  for (const stage of ['train-sae', 'build-dashboards'] as const) {
    const claimed = await claimStage(db, { runId, stage, worker: 'test' });
    if (claimed.kind === 'claimed') await settleStage(db, claimed.claim, {});
  }
  const contexts = [new Int32Array(8)];
  const tokenSetId = await putTokenSet(db, { dataSetId: 'words', modelId: 'tiny', contextSize: 8, contexts });
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
  return runId;
}

test('live features are found by their tokens, and what was indexed before is gone', async () => {
  const search = openSearch(database.orm);
  const stale = { ...address, index: 9, labels: [], topTokens: ['dragon'], topLogits: [], density: 0, score: 1 };
  await search.index([stale]);
  const runId = await runWith([feature(0, 0), feature(1, 1), feature(2, 2, 0)]);
  await database.orm.transaction((tx) => queue.send(tx, 'index-search', { runId }));
  const log = openLog('test', 'silent');
  const worker = await openWorker({ stage: 'index-search', handle: indexSearchHandler(), url: database.url, log });
  await expect
    .poll(async () => (await getRun(database.orm, runId))!.stages[2], { timeout: 20_000 })
    .toMatchObject({ status: 'succeeded', done: 3, total: 3, unit: 'features' });
  await worker.stop();
  const found = async (text: string) => (await search.query({ text })).hits.map((hit) => hit.index);
  expect([await found('dragn'), await found('castle'), await found('river')]).toEqual([[0], [1], []]);
});
