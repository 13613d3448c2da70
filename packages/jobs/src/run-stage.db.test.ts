import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runStages, type TrainingRequest } from '@monosema/catalog';
import { claimStage, fenced, getRun, insertMetrics, insertRun, listMetrics, requestCancel } from '@monosema/db/queries';
import { createTestDatabase, type TestDatabase } from '@monosema/db/testing';
import {
  openLog,
  openQueue,
  openWorkers,
  UnusableRequest,
  type Queue,
  type StageHandler,
  type StageHandlers,
  type Worker,
} from './index.ts';

const log = openLog('test', 'silent');
let database: TestDatabase;
let queue: Queue;
const workers: Worker[] = [];

const request: TrainingRequest = {
  modelId: 'stories-260k',
  dataSetId: 'tinystories',
  sourceId: '2-res-tk',
  hookPoint: 'blocks.2.hook_resid_post',
  architecture: 'topk',
  dSae: 64,
  k: 4,
  learningRate: 1e-3,
  trainingTokens: 4096,
  batchTokens: 256,
  contextSize: 128,
  seed: 42,
};
const metrics = (step: number) => ({
  step,
  tokens: step * 256,
  loss: 1,
  mse: 1,
  sparsityLoss: 0,
  l0: 4,
  explainedVariance: 0.5,
  deadFeatures: 0,
  learningRate: 1e-3,
  tokensPerSecond: 1,
});

async function start(): Promise<string> {
  return database.orm.transaction(async (tx) => {
    const runId = await insertRun(tx, { request, createdBy: null });
    await queue.send(tx, 'train-sae', { runId });
    return runId;
  });
}
async function work(handlers: Partial<StageHandlers>): Promise<Worker> {
  const idle: StageHandler = async () => ({});
  const all = { 'train-sae': idle, 'build-dashboards': idle, 'index-search': idle, 'preview-steering': idle };
  const worker = await openWorkers({ handlers: { ...all, ...handlers }, url: database.url, log });
  workers.push(worker);
  return worker;
}
async function runThat(runId: string, is: (status: string) => boolean) {
  return vi.waitFor(
    async () => {
      const run = (await getRun(database.orm, runId))!;
      if (!is(run.status)) throw new Error(`${runId} is ${run.status}`);
      return run;
    },
    { timeout: 25_000, interval: 50 },
  );
}
const ended = (status: string): boolean => ['succeeded', 'failed', 'cancelled'].includes(status);

beforeAll(async () => {
  database = await createTestDatabase();
  queue = await openQueue(database.url, { role: 'send', onError: () => {} });
});
afterAll(async () => {
  await queue.close();
  await database.drop();
});
async function stopWorkers(): Promise<void> {
  for (const worker of workers.splice(0)) await worker.stop();
}

test('stages follow each other, and their results add up', async () => {
  const seen: string[] = [];
  const handler =
    (result: object): StageHandler =>
    async (context) => {
      seen.push(context.stage);
      await context.report({ done: 1, total: 2, unit: 'steps' });
      return { result };
    };
  await work({
    'train-sae': handler({ engine: 'test' }),
    'build-dashboards': handler({ liveFeatures: 3 }),
    'index-search': handler({}),
    'preview-steering': handler({}),
  });
  const run = await runThat(await start(), ended);
  await stopWorkers();
  expect(seen).toEqual(runStages);
  expect(run).toMatchObject({ status: 'succeeded', error: null, result: { engine: 'test', liveFeatures: 3 } });
  expect(run.stages.map((stage) => [stage.status, stage.done, stage.fence])).toEqual(
    runStages.map(() => ['succeeded', 2, 1]),
  );
});

test('a request that can not be done fails the run at once, without credentials in the message', async () => {
  await work({
    'train-sae': async () => {
      throw new UnusableRequest('hookPoint: no such hook; asked postgres://me:secret@host/db');
    },
  });
  const run = await runThat(await start(), ended);
  await stopWorkers();
  expect(run).toMatchObject({ status: 'failed', error: 'hookPoint: no such hook; asked postgres://…@host/db' });
  expect(run.stages.map((stage) => stage.status)).toEqual(['failed', 'cancelled', 'cancelled', 'cancelled']);
});

test('an error is tried again, and the stage begins anew with a higher fence', async () => {
  const fences: number[] = [];
  await work({
    'train-sae': async ({ claim }) => {
      fences.push(claim.fence);
      if (fences.length === 1) throw new Error('once');
      return {};
    },
  });
  expect((await runThat(await start(), ended)).status).toBe('succeeded');
  await stopWorkers();
  expect(fences).toEqual([1, 2]);
});

test('when the last statement fails, the stage is not settled and nothing is published', async () => {
  let published = 0;
  await work({
    'train-sae': async () => ({
      result: { engine: 'half' },
      publish: async (tx) => {
        await insertMetrics(tx, runId, [metrics(published)]);
        if (published++ === 0) throw new Error('the last statement failed');
      },
    }),
  });
  const runId = await start();
  expect((await runThat(runId, ended)).status).toBe('succeeded');
  await stopWorkers();
  expect((await listMetrics(database.orm, runId)).map((row) => row.step)).toEqual([1]);
});

test('a running stage stops when the run is cancelled, even when it never reports', async () => {
  let stopped: unknown;
  await work({
    'train-sae': async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      stopped = signal.reason;
      signal.throwIfAborted();
      return {};
    },
  });
  const runId = await start();
  await runThat(runId, (status) => status === 'running');
  expect(await requestCancel(database.orm, runId)).toBe('requested');
  const run = await runThat(runId, ended);
  await stopWorkers();
  expect(run.status).toBe('cancelled');
  expect(stopped).toMatchObject({ reason: 'cancelled' });
  expect(run.stages.every((stage) => stage.status === 'cancelled')).toBe(true);
});

test('a run that waits is cancelled at once, and its job finds nothing to do', async () => {
  const runId = await start();
  expect(await requestCancel(database.orm, runId)).toBe('cancelled');
  const handler = vi.fn<StageHandler>(async () => ({}));
  await work({ 'train-sae': handler });
  await runThat(await start(), ended);
  await stopWorkers();
  expect(handler).toHaveBeenCalledTimes(1);
  expect((await getRun(database.orm, runId))!.status).toBe('cancelled');
  expect(await requestCancel(database.orm, runId)).toBe('finished');
});

test('a worker that is stopped gives its job back, and another goes on at once', async () => {
  const fences: number[] = [];
  const handler: StageHandler = async ({ claim, report }) => {
    fences.push(claim.fence);
    while (fences.length === 1) {
      await report({ done: 1, total: 10, unit: 'steps' });
      await sleep(20);
    }
    return {};
  };
  const first = await work({ 'train-sae': handler });
  const runId = await start();
  await vi.waitFor(() => expect(fences).toEqual([1]), { timeout: 10_000 });
  await first.stop();
  expect((await getRun(database.orm, runId))!.stages[0]).toMatchObject({ status: 'queued', worker: null });
  await work({ 'train-sae': handler });
  expect((await runThat(runId, ended)).status).toBe('succeeded');
  await stopWorkers();
  expect(fences).toEqual([1, 2]);
});

test('a worker that lost its claim writes nothing, and ends without touching the run', async () => {
  let wrote = false;
  const finished = vi.fn();
  await work({
    'train-sae': async (context) => {
      await claimStage(database.orm, { runId: context.runId, stage: 'train-sae', worker: 'thief' });
      try {
        await context.fenced(async () => {
          wrote = true;
        });
      } finally {
        finished();
      }
      return {};
    },
  });
  const runId = await start();
  await vi.waitFor(() => expect(finished).toHaveBeenCalled(), { timeout: 10_000 });
  await stopWorkers();
  expect(wrote).toBe(false);
  const run = (await getRun(database.orm, runId))!;
  expect(run.status).toBe('running');
  expect(run.stages[0]).toMatchObject({ worker: 'thief', fence: 2, status: 'running' });
});

test('of many claims at once each gets a fence of its own, and only the last can write', async () => {
  const runId = await database.orm.transaction((tx) => insertRun(tx, { request, createdBy: null }));
  const claims = await Promise.all(
    Array.from({ length: 6 }, (_, i) => claimStage(database.orm, { runId, stage: 'train-sae', worker: `w${i}` })),
  );
  const held = claims.flatMap((claimed) => (claimed.kind === 'claimed' ? [claimed.claim] : []));
  expect(held.map((claim) => claim.fence).sort()).toEqual([1, 2, 3, 4, 5, 6]);
  const writes = await Promise.all(
    held.map((claim) => fenced(database.orm, claim, (tx) => insertMetrics(tx, runId, [metrics(claim.fence)]))),
  );
  expect(writes.filter((write) => !write.lost)).toHaveLength(1);
  expect((await listMetrics(database.orm, runId)).map((row) => row.step)).toEqual([6]);
});
