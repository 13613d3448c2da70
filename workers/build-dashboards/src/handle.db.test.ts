import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openArtifacts } from '@monosema/artifacts';
import { trainingRequestSchema, type SourceRecord } from '@monosema/catalog';
import {
  bestFeature,
  claimStage,
  createBuild,
  getRun,
  insertRun,
  listSources,
  putTokenSet,
  settleStage,
  upsertDataSet,
  upsertModel,
} from '@monosema/db/queries';
import { createTestDatabase, type TestDatabase } from '@monosema/db/testing';
import { openLog, openQueue, openWorker, type Queue } from '@monosema/jobs';
import { loadModel, type Model } from '@monosema/model';
import { saeConfigSchema, saveSae, type Sae } from '@monosema/sae';
import { buildDashboardsHandler } from './handle.ts';

const hookPoint = 'blocks.0.hook_resid_pre';
const request = trainingRequestSchema.parse({
  modelId: 'stories-260k',
  dataSetId: 'tinystories',
  sourceId: '0-res-tk',
  hookPoint,
  architecture: 'topk',
  dSae: 16,
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
let model: Model;
beforeAll(async () => {
  database = await createTestDatabase();
  queue = await openQueue(database.url, { role: 'send' });
  data = await mkdtemp(join(tmpdir(), 'build-dashboards-'));
  model = await loadModel('stories-260k');
  await upsertModel(database.orm, model.record);
  await upsertDataSet(database.orm, { id: 'tinystories', displayName: 'TinyStories', origin: null, licence: null });
});
afterAll(async () => {
  await queue.close();
  await database.drop();
  await rm(data, { recursive: true, force: true });
});

/** An SAE whose feature i reads and writes direction i of the residual stream. */
function axes(): Sae {
  const { dSae, k } = request;
  const config = saeConfigSchema.parse({ architecture: 'topk', dIn: 64, dSae, k, contract, dataSetId: 'tinystories' });
  const W_enc = new Float32Array(64 * dSae);
  const W_dec = new Float32Array(dSae * 64);
  for (let i = 0; i < dSae; i++) W_enc[i * dSae + i] = W_dec[i * 64 + i] = 1;
  return { config, parameters: { W_enc, W_dec, b_enc: new Float32Array(dSae), b_dec: new Float32Array(64) } };
}

/** A run whose training is done. */
async function trainedRun(): Promise<string> {
  const artifacts = openArtifacts(join(data, 'artifacts'));
  const checkpoint: Record<string, string> = {};
  for (const [name, bytes] of Object.entries(saveSae(axes()))) checkpoint[name] = await artifacts.put(bytes);
  const runId = await insertRun(database.orm, { request, createdBy: null });
  const claimed = await claimStage(database.orm, { runId, stage: 'train-sae', worker: 'test' });
  if (claimed.kind === 'claimed') await settleStage(database.orm, claimed.claim, { checkpoint, evaluation: null });
  return runId;
}

test('dashboards become visible with the end of the stage, and a killed attempt leaves nothing', async () => {
  const runId = await trainedRun();
  const contexts = [new Int32Array(128)];
  const set = { dataSetId: 'tinystories', modelId: 'stories-260k', contextSize: 128, contexts };
  const tokenSetId = await putTokenSet(database.orm, set);
  const sae = {
    architecture: 'topk',
    dSae: 16,
    hookPoint: contract.hookPoint,
    contract,
    evaluation: null,
    provenance: null,
    runId,
  } as const;
  const source: SourceRecord = { modelId: 'stories-260k', id: '0-res-tk', ...sae };
  const killed = await createBuild(database.orm, { source, tokenSetId, tokens: 1 });
  expect(await listSources(database.orm)).toEqual([]);

  await database.orm.transaction((tx) => queue.send(tx, 'build-dashboards', { runId }));
  const handle = buildDashboardsHandler({ MONOSEMA_DATA: data, MONOSEMA_ENGINE: undefined });
  const log = openLog('test', 'silent');
  const worker = await openWorker({ stage: 'build-dashboards', handle, url: database.url, log });
  const run = await expect
    .poll(async () => (await getRun(database.orm, runId))!, { timeout: 90_000 })
    .toMatchObject({ stages: [{}, { status: 'succeeded', unit: 'tokens' }, { status: 'queued' }, {}] })
    .then(async () => (await getRun(database.orm, runId))!);
  await worker.stop();

  expect(await listSources(database.orm)).toMatchObject([
    { id: '0-res-tk', hookPoint, featureCount: 16, liveFeatureCount: run.result.liveFeatures, contract, runId },
  ]);
  expect(run.result.liveFeatures).toBeGreaterThan(8);
  expect(run.result.bestFeature).toBe(await bestFeature(database.orm, request));
  expect(await database.sql`select id from builds where id = ${killed}`).toEqual([]);
  expect(await database.sql`select name from pgboss.job where state = 'created'`).toEqual([{ name: 'index-search' }]);
}, 120_000);
