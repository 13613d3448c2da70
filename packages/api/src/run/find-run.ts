import { getRun, type RunWithStages } from '@monosema/db/queries';
import type { ApiContext } from '../context.ts';
import { notFound } from '../errors.ts';

/** The run of this id, or NOT_FOUND. */
export async function findRun(ctx: ApiContext, runId: string): Promise<RunWithStages> {
  const run = await getRun(ctx.db, runId);
  if (!run) throw notFound(`there is no run "${runId}"`);
  return run;
}
