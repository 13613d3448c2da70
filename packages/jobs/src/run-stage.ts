import type { Logger } from 'pino';
import type { RunStage } from '@monosema/catalog';
import type { Db } from '@monosema/db';
import { cancelStage, claimStage, failStage, releaseStage, settleStage, type StageClaim } from '@monosema/db/queries';
import { openContext, type OpenContext } from './open-context.ts';
import type { HeldJob, Queue } from './queue.ts';
import type { StageHandler } from './run-context.ts';
import { readableError, StageStop, UnusableRequest } from './stage-stop.ts';

/** How the work on a job ended. None of them is an error of the queue but 'retried'. */
export type StageOutcome = 'succeeded' | 'failed' | 'retried' | 'cancelled' | 'lost' | 'given-back' | 'unavailable';

export interface StageRunner {
  db: Db;
  queue: Pick<Queue, 'send' | 'giveBack'>;
  stage: RunStage;
  handle: StageHandler;
  /** Names this process in the stage's row. */
  worker: string;
  log: Logger;
  stopping: AbortSignal;
}

/**
 * Works on one job: claims its stage, lets the handler work, and settles.
 * Settling, what the handler publishes and the next stage's job are one transaction.
 *
 * @throws Error with the handler's message when the queue should try again later
 */
export async function runStage(runner: StageRunner, job: HeldJob): Promise<StageOutcome> {
  const { db, stage, worker, stopping } = runner;
  const claimed = await claimStage(db, { runId: job.runId, stage, worker });
  if (claimed.kind !== 'claimed') return claimed.kind;
  const log = runner.log.child({ runId: job.runId, fence: claimed.claim.fence });
  const context = openContext({ ...claimed, db, log, stopping });
  try {
    const end = await runner.handle(context);
    await context.flush();
    return await settle(runner, context, end);
  } catch (error) {
    return await endWith(
      runner,
      { job, claim: claimed.claim, log },
      context.signal.aborted ? context.signal.reason : error,
    );
  } finally {
    context.close();
  }
}

async function settle(
  { db, queue }: StageRunner,
  { claim, signal }: OpenContext,
  { result = {}, publish }: Awaited<ReturnType<StageHandler>>,
): Promise<StageOutcome> {
  signal.throwIfAborted();
  return db.transaction(async (tx) => {
    const settled = await settleStage(tx, claim, result);
    if (settled.lost) return 'lost';
    await publish?.(tx);
    if (settled.next) await queue.send(tx, settled.next, { runId: claim.runId });
    return 'succeeded';
  });
}

async function endWith(
  { db, queue, stage }: StageRunner,
  { job, claim, log }: { job: HeldJob; claim: StageClaim; log: Logger },
  error: unknown,
): Promise<StageOutcome> {
  if (error instanceof StageStop) {
    if (error.reason === 'lost') return 'lost';
    if (error.reason === 'cancelled') return (await cancelStage(db, claim)) ? 'cancelled' : 'lost';
    return (await giveBack({ db, queue, stage }, { job, claim })) ? 'given-back' : 'lost';
  }
  log.error({ err: error, retriesLeft: job.retriesLeft }, 'the stage failed');
  if (error instanceof UnusableRequest || job.retriesLeft <= 0) {
    return (await failStage(db, claim, readableError(error))) ? 'failed' : 'lost';
  }
  await releaseStage(db, claim);
  // pg-boss stores what is thrown: the readable message, not a statement with its parameters.
  throw new Error(readableError(error));
}

/** Frees the stage and puts its job back, in one transaction. False when the claim was lost. */
export async function giveBack(
  { db, queue, stage }: Pick<StageRunner, 'db' | 'queue' | 'stage'>,
  { job, claim }: { job: HeldJob; claim: StageClaim },
): Promise<boolean> {
  return db.transaction(async (tx) => {
    if (!(await releaseStage(tx, claim))) return false;
    await queue.giveBack(tx, stage, job);
    return true;
  });
}
