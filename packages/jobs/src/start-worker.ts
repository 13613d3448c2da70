import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { RunStage } from '@monosema/catalog';
import { connect, type Database } from '@monosema/db';
import { failDeadStage } from '@monosema/db/queries';
import { jobCatalog } from './catalog.ts';
import type { WorkerEnv } from './env.ts';
import { openLog } from './open-log.ts';
import { openQueue, type JobHandlers, type Queue } from './queue.ts';
import type { StageHandler } from './run-context.ts';
import { runStage } from './run-stage.ts';
import { readableError, StageStop } from './stage-stop.ts';

/** How long a handler may take to stop between two steps before the process ends without it. */
const graceMs = 4000;

/** Handlers by stage: naming a stage without giving its handler does not compile. */
export type StageHandlers<S extends RunStage> = { readonly [stage in S]: StageHandler };

export interface Worker {
  /** Takes no more jobs, gives the one in hand back, and closes. */
  stop(): Promise<void>;
}

/**
 * Works on the jobs of some stages until it is stopped.
 *
 * @example const worker = await openWorker({ stages: ['train-sae'], handlers: { 'train-sae': handle }, url, log });
 */
export async function openWorker<S extends RunStage>(options: {
  stages: readonly S[];
  handlers: StageHandlers<S>;
  url: string;
  log: Logger;
}): Promise<Worker> {
  const { stages, url, log } = options;
  const database = connect(url, { max: 4 });
  const stopping = new AbortController();
  const inWork = new Set<Promise<unknown>>();
  const queue = await openQueue(url, { role: 'work', onError: (error) => log.warn({ err: error }, 'the queue') }).catch(
    async (error: unknown) => {
      await database.close();
      throw error;
    },
  );
  const handlers = Object.fromEntries(
    stages.map((stage) => [
      stage,
      jobHandler({ ...options, stage, database, queue, stopping: stopping.signal, inWork }),
    ]),
  ) as unknown as JobHandlers<S>;
  await queue.work(stages, handlers);
  for (const stage of stages) await queue.onDead(stage, ({ runId }) => failDead(database, log, { runId, stage }));
  return {
    stop: async () => {
      await queue.stopTaking();
      stopping.abort(new StageStop('stopping'));
      // Without an answer in time the job is left to the heartbeat; the fence keeps what still runs from writing.
      await Promise.race([Promise.allSettled([...inWork]), sleep(graceMs, undefined, { ref: false })]);
      await queue.close();
      await database.close();
    },
  };
}

function jobHandler<S extends RunStage>(options: {
  stage: S;
  handlers: StageHandlers<S>;
  database: Database;
  queue: Queue;
  log: Logger;
  stopping: AbortSignal;
  inWork: Set<Promise<unknown>>;
}): JobHandlers<S>[S] {
  const { stage, handlers, database, queue, log, stopping, inWork } = options;
  const worker = `${hostname()}:${process.pid}`;
  const runner = {
    db: database.orm,
    queue,
    stage,
    handler: handlers[stage],
    worker,
    log: log.child({ stage }),
    stopping,
  };
  return async (job) => {
    const started = Date.now();
    runner.log.info({ runId: job.runId, retriesLeft: job.retriesLeft }, 'job taken');
    const work = runStage(runner, job);
    inWork.add(work);
    try {
      const outcome = await work;
      runner.log.info({ runId: job.runId, outcome, seconds: (Date.now() - started) / 1000 }, 'job done');
    } finally {
      inWork.delete(work);
    }
  };
}

async function failDead(database: Database, log: Logger, place: { runId: string; stage: RunStage }): Promise<void> {
  const tries = jobCatalog[place.stage].retries + 1;
  const error = `the ${place.stage} worker ended ${tries} times without finishing; its log has the reason`;
  if (await failDeadStage(database.orm, place, error)) log.error(place, error);
}

/**
 * The whole life of a worker process: starts, logs one line of JSON per event to stdout, and ends on SIGTERM, SIGINT
 * or when the parent that holds its IPC channel is gone, so that a killed launcher leaves no orphan.
 *
 * @example await startWorker({ stage: 'train-sae', env: readEnv(workerEnvSchema), handle });
 */
export async function startWorker<S extends RunStage>(options: {
  stage: S;
  env: WorkerEnv;
  handle: StageHandler;
}): Promise<void> {
  const { stage, env, handle } = options;
  const log = openLog(stage);
  const handlers = { [stage]: handle } as StageHandlers<S>;
  let ending = false;
  let worker: Worker | null = null;
  const end = (why: string, code: number): void => {
    if (ending) return;
    ending = true;
    log.info({ why }, 'worker ends');
    setTimeout(() => process.exit(code), graceMs + 3000).unref();
    (worker?.stop() ?? Promise.resolve()).then(
      () => process.exit(code),
      (error: unknown) => {
        log.error({ err: readableError(error) }, 'worker did not end well');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => end('SIGTERM', 0));
  process.on('SIGINT', () => end('SIGINT', 0));
  process.on('disconnect', () => end('the parent is gone', 0));
  try {
    worker = await openWorker({ stages: [stage], handlers, url: env.DATABASE_URL, log });
  } catch (error) {
    log.fatal(`cannot start: ${readableError(error)}`);
    process.exit(1);
  }
  log.info('worker ready');
  process.send?.({ kind: 'worker-ready', stage });
}
