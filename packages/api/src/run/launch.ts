import { trainingRequestSchema } from '@monosema/catalog';
import { launchRun } from '@monosema/jobs';
import { fieldErrors } from '../errors.ts';
import { memberProcedure } from '../trpc.ts';

/**
 * Launches a training run and returns its id. What the catalog cannot do (unknown hook point, layer out of range,
 * source id taken) comes back by field, like what is malformed.
 */
export const runLaunch = memberProcedure.input(trainingRequestSchema).mutation(async ({ ctx, input }) => {
  const outcome = await launchRun({ db: ctx.db, queue: await ctx.queue() }, { request: input, createdBy: ctx.user.id });
  if (outcome.ok) return { runId: outcome.runId };
  throw fieldErrors(outcome.issues);
});
