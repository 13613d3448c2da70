import { afterAll, beforeAll, expect, test } from 'vitest';
import { trainingRequestSchema, type TrainingRequestInput } from '@monosema/catalog';
import { getRun, listRuns, upsertDataSet, upsertModel } from '@monosema/db/queries';
import { createTestDatabase, type TestDatabase } from '@monosema/db/testing';
import { launchRun, openQueue, type LaunchIssue, type Queue } from './index.ts';

let database: TestDatabase;
let queue: Queue;
beforeAll(async () => {
  database = await createTestDatabase();
  queue = await openQueue(database.url, { role: 'send' });
  const hook = (layer: number) => ({ name: `blocks.${layer}.hook_resid_post`, layer, width: 64 });
  await upsertModel(database.orm, {
    id: 'stories-260k',
    displayName: 'stories',
    architecture: 'llama',
    layers: 5,
    dModel: 64,
    vocabularySize: 512,
    contextSize: 512,
    origin: null,
    licence: null,
    hookPoints: [0, 1, 2, 3, 4].map(hook),
  });
  await upsertDataSet(database.orm, { id: 'tinystories', displayName: 'TinyStories', origin: null, licence: null });
});
afterAll(async () => {
  await queue.close();
  await database.drop();
});

const requestFor = (sourceId: string, changes: Partial<TrainingRequestInput> = {}) =>
  trainingRequestSchema.parse({
    modelId: 'stories-260k',
    dataSetId: 'tinystories',
    sourceId,
    hookPoint: `blocks.${sourceId[0]!}.hook_resid_post`,
    architecture: 'topk',
    dSae: 64,
    k: 4,
    learningRate: 1e-3,
    trainingTokens: 4096,
    ...changes,
  });
const launch = (sourceId: string, changes?: Partial<TrainingRequestInput>, through: Pick<Queue, 'send'> = queue) =>
  launchRun({ db: database.orm, queue: through }, { request: requestFor(sourceId, changes), createdBy: null });
const jobsOf = (runId: string) =>
  database.sql`select name, state::text from pgboss.job where data->>'runId' = ${runId} order by name`;

test('a launch writes the run, its stages and its first job', async () => {
  const outcome = await launch('2-res-tk');
  if (!outcome.ok) throw new Error(JSON.stringify(outcome));
  const run = (await getRun(database.orm, outcome.runId))!;
  expect(run).toMatchObject({ status: 'queued', request: { sourceId: '2-res-tk' }, result: {}, error: null });
  expect(run.stages.map((stage) => [stage.stage, stage.status])).toEqual(
    ['train-sae', 'build-dashboards', 'index-search', 'preview-steering'].map((stage) => [stage, 'queued']),
  );
  expect(await jobsOf(outcome.runId)).toEqual([{ name: 'train-sae', state: 'created' }]);
});

test('when the job can not be sent, there is no run', async () => {
  const before = await listRuns(database.orm);
  await expect(launch('1-res-tk', {}, { send: () => Promise.reject(new Error('no queue')) })).rejects.toThrow(
    'no queue',
  );
  expect(await listRuns(database.orm)).toEqual(before);
});

test('a job that was sent in a transaction that fails is not there', async () => {
  await expect(
    database.orm.transaction(async (tx) => {
      await queue.send(tx, 'train-sae', { runId: 'run_nowhere' });
      throw new Error('rolled back');
    }),
  ).rejects.toThrow('rolled back');
  expect(await jobsOf('run_nowhere')).toEqual([]);
});

test('of two launches of a source at once one succeeds', async () => {
  const outcomes = await Promise.all([launch('3-res-tk'), launch('3-res-tk')]);
  expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
  const refused = outcomes.flatMap((outcome) => (outcome.ok ? [] : outcome.issues));
  expect(refused).toMatchObject([{ path: 'sourceId', message: expect.stringContaining('is being made by run_') }]);
});

test.each<[string, string, Partial<TrainingRequestInput>, LaunchIssue['path'], string]>([
  ['an unknown model', '4-res-tk', { modelId: 'gpt5' }, 'modelId', 'there is no model "gpt5"'],
  ['an unknown data set', '4-res-tk', { dataSetId: 'pile' }, 'dataSetId', 'there is tinystories'],
  ['a layer out of range', '9-res-tk', {}, 'hookPoint', 'layers 0 to 4'],
  [
    'an unknown hook',
    '4-res-tk',
    { hookPoint: 'blocks.4.hook_nose' },
    'hookPoint',
    'there is blocks.4.hook_resid_post',
  ],
  ['a name of another layer', '4-res-tk', { hookPoint: 'blocks.1.hook_resid_post' }, 'sourceId', '"1-res-tk"'],
  ['a context that is too long', '4-res-tk', { contextSize: 1024 }, 'contextSize', 'at most 512'],
])('%s is told by field, and leaves no run', async (_, sourceId, changes, path, message) => {
  const before = await listRuns(database.orm);
  const outcome = await launch(sourceId, changes);
  expect(outcome).toMatchObject({ ok: false, issues: [{ path, message: expect.stringContaining(message) }] });
  expect(await listRuns(database.orm)).toEqual(before);
});

test('an architecture that runs do not train yet is refused by field, with what they do train', async () => {
  const transcoder = { architecture: 'transcoder', l1Coefficient: 0.5, hookPointOut: 'blocks.3.hook_mlp_out' } as const;
  const message = 'runs train topk, batchtopk, matryoshka_batchtopk, standard, gated or jumprelu, not transcoder';
  expect(await launch('3-res-tc', transcoder)).toEqual({ ok: false, issues: [{ path: 'architecture', message }] });
});
