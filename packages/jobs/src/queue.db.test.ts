import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runStages, type TrainingRequest } from '@monosema/catalog';
import { getRun, insertRun } from '@monosema/db/queries';
import { createTestDatabase, type TestDatabase } from '@monosema/db/testing';
import { jobCatalog, openLog, openQueue, openWorker, type Queue, type StageHandler, type Worker } from './index.ts';

const log = openLog('test', 'silent');
let database: TestDatabase;
let queue: Queue;
let worker: Worker | undefined;
beforeAll(async () => {
  database = await createTestDatabase();
  queue = await openQueue(database.url, { role: 'send' });
});
afterAll(async () => {
  await worker?.stop();
  await queue.close();
  await database.drop();
});

/** A run whose job a process took before it died so-and-so many times: no heartbeat since long ago. */
async function startDead(tries: number): Promise<string> {
  const runId = await database.orm.transaction(async (tx) => {
    const id = await insertRun(tx, { request: {} as TrainingRequest, createdBy: null });
    await queue.send(tx, 'index-search', { runId: id });
    return id;
  });
  await database.sql`
    update pgboss.job set state = 'active', retry_count = ${tries - 1}, started_on = now() - interval '1 hour',
      heartbeat_on = now() - interval '1 hour' where data->>'runId' = ${runId}`;
  await database.sql`
    update run_stages set status = 'running', fence = ${tries}, worker = 'dead:1' where run_id = ${runId} and stage = 'index-search'`;
  return runId;
}

test('the job of a dead worker is tried again, and a job that died too often fails its run', async () => {
  const once = await startDead(1);
  const often = await startDead(1 + jobCatalog['index-search'].retries);
  const handle = vi.fn<StageHandler>(async () => ({}));
  worker = await openWorker({ stage: 'index-search', handle, url: database.url, log });
  await vi.waitFor(
    async () => {
      const stage = (await getRun(database.orm, once))!.stages[2]!;
      expect(stage).toMatchObject({ status: 'succeeded', fence: 2 });
      expect(await getRun(database.orm, often)).toMatchObject({
        status: 'failed',
        error: 'the index-search worker ended 4 times without finishing; its log has the reason',
      });
    },
    { timeout: 25_000, interval: 100 },
  );
  expect(handle.mock.calls.map(([context]) => context.runId)).toEqual([once]);
});

test('every stage has a worker that can be started', () => {
  const root = new URL('../../../', import.meta.url);
  const entries = runStages.map((stage) => new URL(`${jobCatalog[stage].workerFolder}/src/main.ts`, root));
  expect(entries.filter((entry) => !existsSync(entry)).map(String)).toEqual([]);
});
