import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TrainingMetrics } from '@monosema/catalog';
import { claimStage, fenced, insertMetrics, settleStage, type StageClaim } from '@monosema/db/queries';
import { seedCatalog } from '@monosema/db/testing';
import { TRPCError } from '@trpc/server';
import { createCaller, fieldsOf, openApi, type RunEvent, type SessionUser } from '../index.ts';
import { createTestApi, type TestApi } from '../test-api.fixture.ts';

let t: TestApi;
let ada: SessionUser;
beforeAll(async () => {
  t = await createTestApi();
  await seedCatalog(t.database.orm);
  ada = await t.member('ada');
});
afterAll(() => t.drop());

const request = {
  modelId: 'toy',
  dataSetId: 'toy-text',
  sourceId: '2-res-new',
  hookPoint: 'blocks.2.hook_resid_post',
  architecture: 'topk' as const,
  dSae: 64,
  k: 4,
  learningRate: 1e-3,
  trainingTokens: 4096,
  contextSize: 32,
};
let launched = 0;
const launch = (user: SessionUser | null = ada, changes = {}) =>
  t.as(user).run.launch({ ...request, sourceId: `2-res-n${launched++}`, ...changes });

const metrics = (step: number): TrainingMetrics => ({
  step,
  tokens: step * 2048,
  loss: 1 / (1 + step),
  mse: 1,
  sparsityLoss: 0,
  l0: 4,
  explainedVariance: 0.5,
  deadFeatures: 0,
  learningRate: 1e-3,
  tokensPerSecond: 1,
});
async function claim(runId: string): Promise<StageClaim> {
  const outcome = await claimStage(t.database.orm, { runId, stage: 'train-sae', worker: 'test' });
  if (outcome.kind !== 'claimed') throw new Error(outcome.kind);
  return outcome.claim;
}
const report = (held: StageClaim, steps: number[]) =>
  fenced(t.database.orm, held, (tx) => insertMetrics(tx, held.runId, steps.map(metrics)));

const refusal = async (ask: Promise<unknown>): Promise<TRPCError> =>
  ask.then(
    () => expect.fail('nothing was refused'),
    (error: unknown) => (error instanceof TRPCError ? error : Promise.reject(error)),
  );

test('nobody launches without an account', async () => {
  expect((await refusal(launch(null))).code).toBe('UNAUTHORIZED');
});

test('what the catalog cannot do is told at its field', async () => {
  const faults = async (changes: object) => fieldsOf(await refusal(launch(ada, changes)));
  expect((await faults({ hookPoint: 'blocks.2.hook_mlp' })).hookPoint?.join()).toContain('blocks.2.hook_resid_post');
  expect((await faults({ hookPoint: 'blocks.9.hook_resid_post' })).hookPoint?.join()).toContain('layers 0 to 4');
  expect((await faults({ sourceId: '2-res-tk' })).sourceId?.join()).toContain('exists');
  expect(Object.keys(await faults({ modelId: 'nope', dataSetId: 'nope' })).sort()).toEqual(['dataSetId', 'modelId']);
  expect((await faults({ k: 65 })).k?.join()).toContain('at most d_sae, which is 64');
  expect((await faults({ trainingTokens: -1 })).trainingTokens?.join()).toContain('at least 1');
});

test('a launched run is listed, and its source cannot be launched again meanwhile', async () => {
  const { runId } = await launch(ada, { sourceId: '2-res-once' });
  const run = await t.as(null).run.get({ runId });
  expect(run).toMatchObject({ status: 'queued', canCancel: false, request: { sourceId: '2-res-once', seed: 42 } });
  expect(run.stages.map(({ stage }) => stage)).toEqual([
    'train-sae',
    'build-dashboards',
    'index-search',
    'preview-steering',
  ]);
  expect((await t.as(null).run.list({})).map(({ id }) => id)).toContain(runId);
  expect(fieldsOf(await refusal(launch(ada, { sourceId: '2-res-once' }))).sourceId?.join()).toContain(runId);
  expect(JSON.stringify(run)).not.toContain(ada.id);
});

test('the creator and admins cancel, others do not', async () => {
  const grace = await t.member('grace');
  const admin = { ...(await t.member('root')), role: 'admin' as const };
  const [{ runId: first }, { runId: second }] = [await launch(), await launch()];
  expect((await refusal(t.as(grace).run.cancel({ runId: first }))).code).toBe('FORBIDDEN');
  expect((await t.as(ada).run.get({ runId: first })).canCancel).toBe(true);
  expect(await t.as(ada).run.cancel({ runId: first })).toEqual({ outcome: 'cancelled' });
  await claim(second);
  expect(await t.as(admin).run.cancel({ runId: second })).toEqual({ outcome: 'requested' });
  expect(await t.as(ada).run.cancel({ runId: first })).toEqual({ outcome: 'finished' });
  expect((await refusal(t.as(ada).run.cancel({ runId: 'run_none' }))).code).toBe('NOT_FOUND');
});

/** Reads events of a run: [id, event]. */
async function follow(runId: string, input: { after?: number; lastEventId?: number } = {}) {
  const events = await t.as(null).run.live({ runId, ...input });
  const iterator = (events as AsyncIterable<readonly [id: string, data: RunEvent]>)[Symbol.asyncIterator]();
  return {
    next: async () => {
      const step = await iterator.next();
      return step.done ? null : { id: step.value[0], ...step.value[1] };
    },
    end: () => iterator.return?.(),
  };
}

test('a run is followed as it changes, goes on after the last event, and ends with the run', async () => {
  const { runId } = await launch();
  const held = await claim(runId);
  await report(held, [0, 1]);
  const live = await follow(runId);
  const first = await live.next();
  expect(first).toMatchObject({ id: '1', run: { status: 'running' }, metrics: [{ step: 0 }, { step: 1 }] });

  const waiting = live.next();
  await report(held, [2, 3]);
  const steps = (await waiting)!.metrics.map(({ step }) => step);
  expect(steps[0]).toBe(2);
  await live.end();

  const resumed = await follow(runId, { after: 0, lastEventId: 2 });
  expect((await resumed.next())!.metrics.map(({ step }) => step)).toEqual([3]);
  const last = resumed.next();
  await t.as(ada).run.cancel({ runId });
  expect((await last)!.run).toMatchObject({ cancelRequested: true, status: 'running' });
  const settled = resumed.next();
  await t.database.orm.transaction((tx) => settleStage(tx, held, {}));
  expect((await settled)!.run.stages[0]).toMatchObject({ status: 'succeeded' });
  await resumed.end();
});

test('a process that stops tells its streams to connect again', async () => {
  const { runId } = await launch();
  const other = openApi({ databaseUrl: t.database.url });
  const events = await createCaller(other.contextFor(null)).run.live({ runId });
  const iterator = (events as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  await iterator.next();
  const next = refusal(iterator.next());
  other.endStreams();
  expect((await next).code).toBe('SERVICE_UNAVAILABLE');
  await other.close();
});

test('a settled run is told once, and an unknown one is not found', async () => {
  const { runId } = await launch();
  await t.as(ada).run.cancel({ runId });
  const live = await follow(runId);
  expect((await live.next())!.run.status).toBe('cancelled');
  expect(await live.next()).toBeNull();
  expect((await refusal((await follow('run_none')).next())).code).toBe('NOT_FOUND');
});
