import { and, eq, sql } from 'drizzle-orm';
import { runStages, type RunResult, type RunStage, type TrainingRequest } from '@monosema/catalog';
import type { Db } from '../connect.ts';
import { runs, runStageRows } from '../schema/index.ts';
import { finishRun, lockRun, notifyRun } from './runs.ts';

/** The right to work on a stage: lost as soon as somebody else claims it, since that raises the fence. */
export interface StageClaim {
  runId: string;
  stage: RunStage;
  fence: number;
}

/** How far a stage is; `done` and `total` count `unit`s, as "tokens" or "features". */
export interface StageProgress {
  done: number;
  total: number | null;
  unit: string;
}

export type ClaimOutcome =
  | { kind: 'claimed'; claim: StageClaim; request: TrainingRequest; result: Partial<RunResult> }
  /** The run was asked to end before the claim, and has ended with it. */
  | { kind: 'cancelled' }
  /** Nothing to do: the stage or its run is finished, or unknown. */
  | { kind: 'unavailable' };

/**
 * Takes a stage for a worker, away from any earlier worker.
 * Whoever calls holds the stage's job, so that an earlier worker is dead or has been given up.
 */
export async function claimStage(
  db: Db,
  { runId, stage, worker }: { runId: string; stage: RunStage; worker: string },
): Promise<ClaimOutcome> {
  return db.transaction(async (tx) => {
    const run = await lockRun(tx, runId);
    if (!run || (run.status !== 'queued' && run.status !== 'running')) return { kind: 'unavailable' };
    const place = and(eq(runStageRows.runId, runId), eq(runStageRows.stage, stage));
    const [row] = await tx.select({ status: runStageRows.status }).from(runStageRows).where(place);
    if (row?.status !== 'queued' && row?.status !== 'running') return { kind: 'unavailable' };
    if (run.cancelRequested) {
      await finishRun(tx, runId, { status: 'cancelled' });
      await notifyRun(tx, runId);
      return { kind: 'cancelled' };
    }
    const [claimed] = await tx
      .update(runStageRows)
      .set({
        status: 'running',
        worker,
        fence: sql`${runStageRows.fence} + 1`,
        startedAt: sql`coalesce(${runStageRows.startedAt}, now())`,
        heartbeatAt: sql`now()`,
      })
      .where(place)
      .returning({ fence: runStageRows.fence });
    await tx.update(runs).set({ status: 'running' }).where(eq(runs.id, runId));
    await notifyRun(tx, runId);
    const claim = { runId, stage, fence: claimed!.fence };
    return { kind: 'claimed', claim, request: run.request, result: run.result };
  });
}

const held = (claim: StageClaim) =>
  and(
    eq(runStageRows.runId, claim.runId),
    eq(runStageRows.stage, claim.stage),
    eq(runStageRows.fence, claim.fence),
    eq(runStageRows.status, 'running'),
  );

export type Heartbeat = { lost: true } | { lost: false; cancelRequested: boolean };

/** Says that the worker lives, with its progress when there is news, and hears whether it should stop. One statement. */
export async function heartbeatStage(db: Db, claim: StageClaim, progress?: StageProgress): Promise<Heartbeat> {
  const [row] = await db
    .update(runStageRows)
    .set({ heartbeatAt: sql`now()`, ...progress })
    .from(runs)
    .where(and(held(claim), eq(runs.id, runStageRows.runId)))
    .returning({
      cancelRequested: runs.cancelRequested,
      notified: progress ? sql`pg_notify('runs', ${claim.runId})` : sql`null`,
    });
  return row ? { lost: false, cancelRequested: row.cancelRequested } : { lost: true };
}

export type Fenced<T> = { lost: true } | { lost: false; value: T };

/**
 * Writes only while the claim holds: nobody can claim the stage before this transaction ends, and a worker that lost
 * its claim writes nothing.
 *
 * @example await fenced(db, claim, (tx) => insertMetrics(tx, claim.runId, rows))
 */
export async function fenced<T>(db: Db, claim: StageClaim, write: (tx: Db) => Promise<T>): Promise<Fenced<T>> {
  return db.transaction(async (tx) => {
    const rows = await tx.select({ fence: runStageRows.fence }).from(runStageRows).where(held(claim)).for('share');
    return rows.length === 0 ? { lost: true } : { lost: false, value: await write(tx) };
  });
}

export type Settled = { lost: true } | { lost: false; next: RunStage | null };

/** Ends a stage well and keeps what it adds to the run's result. Without a next stage, the run has succeeded. */
export async function settleStage(tx: Db, claim: StageClaim, result: Partial<RunResult>): Promise<Settled> {
  if (!(await lockHeld(tx, claim))) return { lost: true };
  await tx
    .update(runStageRows)
    .set({
      status: 'succeeded',
      finishedAt: sql`now()`,
      heartbeatAt: sql`now()`,
      done: sql`coalesce(${runStageRows.total}, ${runStageRows.done})`,
    })
    .where(held(claim));
  await tx
    .update(runs)
    .set({ result: sql`${runs.result} || ${JSON.stringify(result)}::jsonb` })
    .where(eq(runs.id, claim.runId));
  const next = runStages[runStages.indexOf(claim.stage) + 1] ?? null;
  if (!next) await finishRun(tx, claim.runId, { status: 'succeeded' });
  await notifyRun(tx, claim.runId);
  return { lost: false, next };
}

/** Ends the run with an error that a person can read. False when the claim was lost. */
export async function failStage(db: Db, claim: StageClaim, error: string): Promise<boolean> {
  return endHeld(db, claim, (tx) => finishRun(tx, claim.runId, { status: 'failed', error, stage: claim.stage }));
}

/** Ends the run because it was asked to. False when the claim was lost. */
export async function cancelStage(db: Db, claim: StageClaim): Promise<boolean> {
  return endHeld(db, claim, (tx) => finishRun(tx, claim.runId, { status: 'cancelled' }));
}

/** Gives a stage back unfinished, for another worker or a later try. False when the claim was lost. */
export async function releaseStage(db: Db, claim: StageClaim): Promise<boolean> {
  return endHeld(db, claim, async (tx) => {
    await tx.update(runStageRows).set({ status: 'queued', worker: null }).where(held(claim));
  });
}

/** Ends a run whose stage has been tried as often as it may be, by whoever notices. False when it had ended before. */
export async function failDeadStage(
  db: Db,
  place: { runId: string; stage: RunStage },
  error: string,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const run = await lockRun(tx, place.runId);
    if (!run || (run.status !== 'queued' && run.status !== 'running')) return false;
    await finishRun(tx, place.runId, { status: 'failed', error, stage: place.stage });
    await notifyRun(tx, place.runId);
    return true;
  });
}

async function endHeld(db: Db, claim: StageClaim, end: (tx: Db) => Promise<void>): Promise<boolean> {
  return db.transaction(async (tx) => {
    if (!(await lockHeld(tx, claim))) return false;
    await end(tx);
    await notifyRun(tx, claim.runId);
    return true;
  });
}

async function lockHeld(tx: Db, claim: StageClaim): Promise<boolean> {
  const run = await lockRun(tx, claim.runId);
  const rows = await tx.select({ fence: runStageRows.fence }).from(runStageRows).where(held(claim)).for('update');
  return run !== null && rows.length > 0;
}
