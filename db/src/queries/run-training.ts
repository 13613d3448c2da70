import { and, asc, eq, gt, sql } from 'drizzle-orm';
import type { TrainingMetrics } from '@monosema/catalog';
import type { Db } from '../connect.ts';
import { runCheckpoints, runMetrics } from '../schema/index.ts';
import { notifyRun } from './runs.ts';

/** Adds rows to a run's training log; a step that is there already is replaced, as after a resume. Call it inside `fenced`. */
export async function insertMetrics(tx: Db, runId: string, rows: readonly TrainingMetrics[]): Promise<void> {
  if (rows.length === 0) return;
  await tx
    .insert(runMetrics)
    .values(rows.map((metrics) => ({ runId, step: metrics.step, metrics })))
    .onConflictDoUpdate({ target: [runMetrics.runId, runMetrics.step], set: { metrics: sql`excluded.metrics` } });
  await notifyRun(tx, runId);
}

/** The training log in order of steps, after a step. */
export async function listMetrics(
  db: Db,
  runId: string,
  { after = -1, limit = 10_000 }: { after?: number; limit?: number } = {},
): Promise<TrainingMetrics[]> {
  const rows = await db
    .select({ metrics: runMetrics.metrics })
    .from(runMetrics)
    .where(and(eq(runMetrics.runId, runId), gt(runMetrics.step, after)))
    .orderBy(asc(runMetrics.step))
    .limit(limit);
  return rows.map((row) => row.metrics);
}

/** Where training can go on from: artifact hash by file name. */
export interface RunCheckpoint {
  step: number;
  files: Record<string, string>;
}

/** Makes this the run's only checkpoint. Its files must be in the artifact store already. Call it inside `fenced`. */
export async function saveCheckpoint(tx: Db, runId: string, { step, files }: RunCheckpoint): Promise<void> {
  const row = { step, files, savedAt: sql`now()` };
  await tx
    .insert(runCheckpoints)
    .values({ runId, ...row })
    .onConflictDoUpdate({ target: runCheckpoints.runId, set: row });
}

export async function getCheckpoint(db: Db, runId: string): Promise<RunCheckpoint | null> {
  const rows = await db
    .select({ step: runCheckpoints.step, files: runCheckpoints.files })
    .from(runCheckpoints)
    .where(eq(runCheckpoints.runId, runId));
  return rows[0] ?? null;
}

/** Forgets the checkpoint of a run that needs none any more. */
export async function deleteCheckpoint(tx: Db, runId: string): Promise<void> {
  await tx.delete(runCheckpoints).where(eq(runCheckpoints.runId, runId));
}
