import { fromDrizzle, PgBoss, type JobWithMetadata } from 'pg-boss';
import { runStages, type RunStage } from '@monosema/catalog';
import type { Db } from '@monosema/db';
import { statement } from '@monosema/db/queries';
import {
  deadQueueOf,
  heartbeatRefreshSeconds,
  heartbeatSeconds,
  jobCatalog,
  jobPayloadSchema,
  superviseSeconds,
  type JobPayload,
} from './catalog.ts';
import { readableError } from './stage-stop.ts';

/** A job in the hands of a worker. */
export interface HeldJob extends JobPayload {
  id: string;
  /** How many tries are left after this one. */
  retriesLeft: number;
}

/** Called for each job; an error gives the job back for another try, later and later. */
export type JobHandler = (job: HeldJob) => Promise<void>;

/** The queue of a Postgres: pg-boss with the four stages of a run. */
export interface Queue {
  /** Adds the job of a stage in the caller's transaction: it exists if and only if that commits. */
  send(tx: Db, stage: RunStage, payload: JobPayload): Promise<void>;
  /** Works on the jobs of a stage, one at a time. */
  work(stage: RunStage, handle: JobHandler): Promise<void>;
  /** Calls back with the run of every job that failed for the last time, also when its worker died. */
  onDead(stage: RunStage, fail: (payload: JobPayload) => Promise<void>): Promise<void>;
  /** Puts a held job back for another worker in the caller's transaction; its tries begin anew. */
  giveBack(tx: Db, stage: RunStage, job: HeldJob): Promise<void>;
  /** Takes no more jobs; those in work go on. */
  stopTaking(): Promise<void>;
  close(): Promise<void>;
}

/** 'send' for processes that only launch; 'work' also watches over heartbeats and listens for jobs. */
export type QueueRole = 'send' | 'work';

const waitSeconds = 2;
const workOptions = {
  includeMetadata: true,
  pollingIntervalSeconds: waitSeconds,
  notifyPollingIntervalSeconds: waitSeconds,
  heartbeatRefreshSeconds,
} as const;

/**
 * Connects to the queue, making its tables when they are missing.
 *
 * @param url the same Postgres as the catalog's
 * @param options.onError hears of connection troubles, stderr unless told; pg-boss goes on by itself
 * @example
 * const queue = await openQueue(url, { role: 'send' });
 */
export async function openQueue(
  url: string,
  { role, onError = toStderr }: { role: QueueRole; onError?: (error: Error) => void },
): Promise<Queue> {
  const boss = new PgBoss({
    connectionString: url,
    application_name: 'monosema-jobs',
    schema: 'pgboss',
    max: role === 'work' ? 4 : 2,
    schedule: false,
    supervise: role === 'work',
    superviseIntervalSeconds: superviseSeconds,
    monitorIntervalSeconds: superviseSeconds,
    useListenNotify: role === 'work',
  });
  boss.on('error', onError);
  await boss.start();
  try {
    await createQueues(boss);
  } catch (error) {
    await boss.stop({ graceful: false });
    throw error;
  }
  return queueOver(boss);
}

const toStderr = (error: Error): void => console.error(`queue: ${readableError(error)}`);

async function createQueues(boss: PgBoss): Promise<void> {
  for (const stage of runStages) {
    await boss.createQueue(deadQueueOf(stage), { notify: true });
    await boss.createQueue(stage, {
      notify: true,
      deadLetter: deadQueueOf(stage),
      heartbeatSeconds,
      // A stage may take hours; its life is told by the heartbeat. The longest that pg-boss allows.
      expireInSeconds: 24 * 3600 - 1,
      retryLimit: jobCatalog[stage].retries,
      retryDelay: 1,
      retryBackoff: true,
      retryDelayMax: 60,
    });
  }
}

function queueOver(boss: PgBoss): Queue {
  const taken: string[] = [];
  const take = async (name: string, handle: (job: JobWithMetadata<unknown>) => Promise<void>): Promise<void> => {
    await boss.work(name, workOptions, async ([job]: JobWithMetadata<unknown>[]) => {
      if (job) await handle(job);
    });
    taken.push(name);
  };
  const send = async (tx: Db, stage: RunStage, payload: JobPayload): Promise<void> => {
    const id = await boss.send(stage, jobPayloadSchema.parse(payload), { db: fromDrizzle(tx, statement) });
    if (id === null) throw new Error(`pg-boss took no ${stage} job for ${payload.runId}`);
  };
  return {
    send,
    work: (stage, handle) =>
      take(stage, (job) =>
        handle({ ...jobPayloadSchema.parse(job.data), id: job.id, retriesLeft: job.retryLimit - job.retryCount }),
      ),
    onDead: (stage, fail) => take(deadQueueOf(stage), (job) => fail(jobPayloadSchema.parse(job.data))),
    giveBack: async (tx, stage, job) => {
      await boss.complete(stage, job.id, null, { db: fromDrizzle(tx, statement) });
      await send(tx, stage, { runId: job.runId });
    },
    stopTaking: async () => {
      for (const name of taken.splice(0)) await boss.offWork(name, { wait: false });
    },
    close: () => boss.stop({ graceful: false }),
  };
}
