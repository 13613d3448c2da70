import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { runStages, type RunStage } from '@monosema/catalog';
import { connect, type Database } from '@monosema/db';
import { failDeadStage } from '@monosema/db/queries';
import { jobCatalog } from './catalog.ts';
import { openQueue, type JobHandler, type Queue } from './queue.ts';
import type { StageHandler } from './run-context.ts';
import { runStage } from './run-stage.ts';
import { StageStop } from './stage-stop.ts';

/** How long a handler may take to stop between two steps before it is left behind. */
const graceMs = 3000;
/** How long Postgres may take to hear the farewell. */
const farewellMs = 1000;

export interface Worker {
  /** Takes no more jobs, gives the one in hand back, and closes. */
  stop(): Promise<void>;
}

/** A handler for every stage of a run: leaving one out does not compile. */
export type StageHandlers = { readonly [stage in RunStage]: StageHandler };

/** Works on all stages in one process. */
export async function openWorkers({
  handlers,
  ...options
}: {
  handlers: StageHandlers;
  url: string;
  log: Logger;
}): Promise<Worker> {
  const workers = await Promise.all(
    runStages.map((stage) => openWorker({ ...options, stage, handle: handlers[stage] })),
  );
  return {
    stop: async () => {
      await Promise.all(workers.map((worker) => worker.stop()));
    },
  };
}

/**
 * Works on the jobs of a stage, one at a time, until it is stopped.
 *
 * @example const worker = await openWorker({ stage: 'train-sae', handle, url: 'postgres://…', log });
 */
export async function openWorker(options: {
  stage: RunStage;
  handle: StageHandler;
  url: string;
  log: Logger;
}): Promise<Worker> {
  const { stage, url } = options;
  const log = options.log.child({ stage });
  const database = connect(url, { max: 4 });
  const queue = await openQueue(url, { role: 'work', onError: (error) => log.warn({ err: error }, 'the queue') }).catch(
    async (error: unknown) => {
      await database.close();
      throw error;
    },
  );
  const stopping = new AbortController();
  const inWork = new Set<Promise<unknown>>();
  await queue.work(stage, jobHandler({ ...options, log, database, queue, stopping: stopping.signal, inWork }));
  await queue.onDead(stage, ({ runId }) => failDead(database, log, { runId, stage }));
  return {
    stop: async () => {
      await queue.stopTaking();
      stopping.abort(new StageStop('stopping'));
      // Without an answer in time the job goes to another try; the fence keeps what still runs here from writing.
      await within(graceMs, Promise.allSettled([...inWork]));
      await within(farewellMs, queue.close());
      await within(farewellMs, database.close());
    },
  };
}

/** Waits for work, but not longer than told. */
const within = (ms: number, work: Promise<unknown>): Promise<unknown> =>
  Promise.race([work, sleep(ms, undefined, { ref: false })]);

function jobHandler(options: {
  stage: RunStage;
  handle: StageHandler;
  database: Database;
  queue: Queue;
  log: Logger;
  stopping: AbortSignal;
  inWork: Set<Promise<unknown>>;
}): JobHandler {
  const { database, inWork, ...rest } = options;
  const runner = { ...rest, db: database.orm, worker: `${hostname()}:${process.pid}` };
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
