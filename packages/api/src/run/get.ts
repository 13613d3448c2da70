import { publicProcedure } from '../trpc.ts';
import { findRun } from './find-run.ts';
import { runIdInputSchema } from './run-id-input.ts';
import { viewRun } from './run-view.ts';

/** One run with its stages. NOT_FOUND for an unknown id. */
export const runGet = publicProcedure
  .input(runIdInputSchema)
  .query(async ({ ctx, input }) => viewRun(await findRun(ctx, input.runId), ctx.user));
