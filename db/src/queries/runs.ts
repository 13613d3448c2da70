import { and, asc, desc, eq, inArray, lt, sql } from 'drizzle-orm';
import { runStages, type RunStage, type TrainingRequest } from '@monosema/catalog';
import type { Db } from '../connect.ts';
import { mintId } from '../ids.ts';
import { runCheckpoints, runs, runStageRows } from '../schema/index.ts';

export type RunRow = typeof runs.$inferSelect;
export type RunStageRow = typeof runStageRows.$inferSelect;
/** A run with its stages in the order in which they work. */
export interface RunWithStages extends RunRow {
  stages: RunStageRow[];
}

/** The channel that tells who listens that a run changed; the payload is its id. */
export const runsChannel = 'runs';

/** Wakes whoever shows the run; inside a transaction, when that commits. */
export async function notifyRun(db: Db, runId: string): Promise<void> {
  await db.execute(sql`select pg_notify(${runsChannel}, ${runId})`);
}

/** Writes a queued run and a row for each of its stages. Send the first job in the same transaction: see jobs' launchRun. */
export async function insertRun(
  db: Db,
  { request, createdBy }: { request: TrainingRequest; createdBy: string | null },
): Promise<string> {
  const id = mintId('run');
  await db.insert(runs).values({ id, request, createdBy });
  await db.insert(runStageRows).values(runStages.map((stage) => ({ runId: id, stage })));
  await notifyRun(db, id);
  return id;
}

export async function getRun(db: Db, id: string): Promise<RunWithStages | null> {
  return (await withStages(db, await db.select().from(runs).where(eq(runs.id, id))))[0] ?? null;
}

/** Newest first; `before` is the `createdAt` of the last run of the page before. */
export async function listRuns(
  db: Db,
  { limit = 50, before, createdBy }: { limit?: number; before?: Date; createdBy?: string } = {},
): Promise<RunWithStages[]> {
  const rows = await db
    .select()
    .from(runs)
    .where(and(before && lt(runs.createdAt, before), createdBy ? eq(runs.createdBy, createdBy) : undefined))
    .orderBy(desc(runs.createdAt), desc(runs.id))
    .limit(limit);
  return withStages(db, rows);
}

async function withStages(db: Db, rows: RunRow[]): Promise<RunWithStages[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const stages = await db
    .select()
    .from(runStageRows)
    .where(inArray(runStageRows.runId, ids))
    .orderBy(asc(runStageRows.runId));
  const place = (row: RunStageRow): number => runStages.indexOf(row.stage);
  return rows.map((row) => ({
    ...row,
    stages: stages.filter((stage) => stage.runId === row.id).sort((a, b) => place(a) - place(b)),
  }));
}

/** The unfinished run that is making this source, if there is one. */
export async function findOpenRun(
  db: Db,
  { modelId, sourceId }: { modelId: string; sourceId: string },
): Promise<RunRow | null> {
  const rows = await db
    .select()
    .from(runs)
    .where(
      and(
        inArray(runs.status, ['queued', 'running']),
        sql`${runs.request}->>'modelId' = ${modelId}`,
        sql`${runs.request}->>'sourceId' = ${sourceId}`,
      ),
    )
    .limit(1);
  return rows[0] ?? null;
}

/** Lets one launch of a source at a time look and write, until the transaction ends. */
export async function lockSourceName(
  tx: Db,
  { modelId, sourceId }: { modelId: string; sourceId: string },
): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`${modelId}/${sourceId}`}, 0))`);
}

export type CancelOutcome = 'cancelled' | 'requested' | 'finished' | 'unknown';

/**
 * Asks a run to end. Without a worker on it, it is cancelled at once; a worker on it stops at its next report.
 *
 * @returns 'cancelled' at once, 'requested' of the worker, 'finished' when there is nothing to cancel, or 'unknown'
 */
export async function requestCancel(db: Db, runId: string): Promise<CancelOutcome> {
  return db.transaction(async (tx) => {
    const run = await lockRun(tx, runId);
    if (!run) return 'unknown';
    if (run.status !== 'queued' && run.status !== 'running') return 'finished';
    const working = await tx
      .select({ stage: runStageRows.stage })
      .from(runStageRows)
      .where(and(eq(runStageRows.runId, runId), eq(runStageRows.status, 'running')));
    await tx.update(runs).set({ cancelRequested: true }).where(eq(runs.id, runId));
    if (working.length === 0) await finishRun(tx, runId, { status: 'cancelled' });
    await notifyRun(tx, runId);
    return working.length === 0 ? 'cancelled' : 'requested';
  });
}

/** Takes the run's row for this transaction. Whoever changes a run's status takes it first, then its stages. */
export async function lockRun(tx: Db, runId: string): Promise<RunRow | null> {
  const rows = await tx.select().from(runs).where(eq(runs.id, runId)).for('no key update');
  return rows[0] ?? null;
}

/** Ends a run, and with it every stage that is not finished. */
export async function finishRun(
  tx: Db,
  runId: string,
  end: { status: 'succeeded' } | { status: 'cancelled' } | { status: 'failed'; error: string; stage?: RunStage },
): Promise<void> {
  const finishedAt = sql`now()`;
  const error = end.status === 'failed' ? end.error : null;
  await tx.update(runs).set({ status: end.status, error, finishedAt }).where(eq(runs.id, runId));
  const open = and(eq(runStageRows.runId, runId), inArray(runStageRows.status, ['queued', 'running']));
  if (end.status === 'failed' && end.stage) {
    await tx
      .update(runStageRows)
      .set({ status: 'failed', finishedAt })
      .where(and(open, eq(runStageRows.stage, end.stage)));
  }
  await tx.update(runStageRows).set({ status: 'cancelled', finishedAt }).where(open);
}

/** Hashes of all artifacts that a run's checkpoint or result names; whatever else lies in the store may go. */
export async function referencedArtifacts(db: Db): Promise<Set<string>> {
  const checkpoints = await db.select({ files: runCheckpoints.files }).from(runCheckpoints);
  const results = await db
    .select({ files: sql<Record<string, string> | null>`${runs.result}->'checkpoint'` })
    .from(runs);
  return new Set([...checkpoints, ...results].flatMap(({ files }) => Object.values(files ?? {})));
}
