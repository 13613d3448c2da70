import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashOf, openArtifacts } from '@monosema/artifacts';
import { trainingRequestSchema } from '@monosema/catalog';
import { getCheckpoint, getRun, listMetrics, upsertDataSet, upsertModel } from '@monosema/db/queries';
import { createTestDatabase, type TestDatabase } from '@monosema/db/testing';
import { openEngine } from '@monosema/engine';
import { launchRun, openQueue, type Queue } from '@monosema/jobs';
import { loadModel } from '@monosema/model';
import { loadSae } from '@monosema/sae';
import { trainSae } from '@monosema/sae/training';
import { openTrainingData } from './training-data.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const steps = 2000;
let database: TestDatabase;
let queue: Queue;
let data: string;
const processes: ChildProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  queue = await openQueue(database.url, { role: 'send' });
  data = await mkdtemp(join(tmpdir(), 'train-sae-'));
  await upsertModel(database.orm, (await loadModel('stories-260k')).record);
  await upsertDataSet(database.orm, { id: 'tinystories', displayName: 'TinyStories', origin: null, licence: null });
});
afterAll(async () => {
  for (const process of processes) process.kill('SIGKILL');
  await queue.close();
  await database.drop();
  await rm(data, { recursive: true, force: true });
});

/** A worker as `npm start` starts it, with its log so far. */
function startWorkerProcess(): { process: ChildProcess; log: () => string } {
  const child = spawn(process.execPath, ['--import', 'tsx', 'workers/train-sae/src/main.ts'], {
    cwd: root,
    env: { NODE_ENV: 'test', DATABASE_URL: database.url, MONOSEMA_DATA: data },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let log = '';
  child.stdout!.on('data', (text: Buffer) => (log += text.toString()));
  processes.push(child);
  return { process: child, log: () => log };
}

// The embedding is the cheapest hook point: the test is about the death, not about the model.
const request = trainingRequestSchema.parse({
  modelId: 'stories-260k',
  dataSetId: 'tinystories',
  sourceId: '0-res-tk',
  hookPoint: 'blocks.0.hook_resid_pre',
  architecture: 'topk',
  dSae: 128,
  k: 4,
  learningRate: 1e-3,
  trainingTokens: steps * 64,
  batchTokens: 64,
});

async function launch(): Promise<string> {
  const outcome = await launchRun({ db: database.orm, queue }, { request, createdBy: null });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.issues));
  return outcome.runId;
}

/** The weights that nobody disturbed, as the hash of their file. */
async function undisturbed(): Promise<string> {
  const engine = await openEngine();
  try {
    for await (const event of trainSae({ ...(await openTrainingData(request)), request, engine }))
      if (event.kind === 'checkpoint' && event.step === steps) return hashOf(event.files['sae_weights.safetensors']!);
  } finally {
    await engine.close();
  }
  throw new Error('training ended early');
}

/** The run when its training stage is done. */
async function trained(runId: string) {
  for (;;) {
    const run = (await getRun(database.orm, runId))!;
    if (run.error !== null) throw new Error(run.error);
    if (run.stages[0]!.status === 'succeeded') return run;
    await sleep(100);
  }
}

test('a worker that is killed in the middle of training is replaced, and the weights come out the same', async () => {
  const runId = await launch();
  const first = startWorkerProcess();
  while (!(await getCheckpoint(database.orm, runId))) await sleep(5);
  first.process.kill('SIGKILL');
  await once(first.process, 'exit');
  const kept = (await getCheckpoint(database.orm, runId))!;
  expect(kept.step).toBeLessThan(steps);
  const seen = (await listMetrics(database.orm, runId)).length;

  const second = startWorkerProcess();
  const weights = await undisturbed();
  const run = await trained(runId);
  expect(second.log()).toContain(`"step":${kept.step},"msg":"training goes on from a checkpoint"`);
  expect(run.stages[0]).toMatchObject({ fence: 2, done: steps * 64, total: steps * 64, unit: 'tokens' });

  const log = (await listMetrics(database.orm, runId)).map((row) => row.step);
  expect(log.length).toBeGreaterThan(seen);
  expect(log).toEqual(log.map((_, i) => (i + 1) * (steps / log.length)));
  expect(log.at(-1)).toBe(steps);

  expect(run.result.engine).toContain('onnx');
  expect(run.result.evaluation!.explainedVariance).toBeGreaterThan(0.5);
  expect(run.result.checkpoint!['sae_weights.safetensors']).toBe(weights);
  expect(await getCheckpoint(database.orm, runId)).toBeNull();
  const artifacts = openArtifacts(join(data, 'artifacts'));
  const files = Object.entries(run.result.checkpoint!).map(
    async ([name, hash]) => [name, await artifacts.get(hash)] as const,
  );
  expect(loadSae(Object.fromEntries(await Promise.all(files))).config).toMatchObject({ dSae: 128, k: 4 });

  second.process.disconnect();
  const [code] = (await once(second.process, 'exit')) as [number];
  expect(code, 'a worker ends when its parent is gone').toBe(0);
}, 150_000);
