import { listRuns } from '@monosema/db/queries';
import { z } from 'zod';
import { publicProcedure } from '../trpc.ts';
import { viewRun } from './run-view.ts';

const inputSchema = z.object({
  limit: z.number().int().min(1).max(200).default(50),
  /** `createdAt` of the last run of the page before. */
  before: z.date().optional(),
});

/** Runs, newest first. */
export const runList = publicProcedure.input(inputSchema).query(async ({ ctx, input }) => {
  const runs = await listRuns(ctx.db, input);
  return runs.map((run) => viewRun(run, ctx.user));
});
