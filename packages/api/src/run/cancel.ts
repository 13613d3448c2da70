import { TRPCError } from '@trpc/server';
import { requestCancel } from '@monosema/db/queries';
import { memberProcedure } from '../trpc.ts';
import { findRun } from './find-run.ts';
import { runIdInputSchema } from './run-id-input.ts';
import { isSettled, mayCancel } from './run-view.ts';

/**
 * Asks a run to stop; its worker does at its next report. For the run's creator and admins.
 * A run that has ended already is answered with 'finished', not with an error.
 */
export const runCancel = memberProcedure.input(runIdInputSchema).mutation(async ({ ctx, input }) => {
  const run = await findRun(ctx, input.runId);
  if (!isSettled(run.status) && !mayCancel(run, ctx.user))
    throw new TRPCError({
      code: 'FORBIDDEN',
      message: 'Only the person who launched a run, or an admin, can cancel it.',
    });
  return { outcome: await requestCancel(ctx.db, input.runId) };
});
