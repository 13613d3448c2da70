import { listMetrics } from '@monosema/db/queries';
import { z } from 'zod';
import { publicProcedure } from '../trpc.ts';
import { runIdInputSchema } from './run-id-input.ts';

const inputSchema = runIdInputSchema.extend({
  /** Only steps after this one. */
  after: z.number().int().min(-1).default(-1),
  limit: z.number().int().min(1).max(10_000).default(10_000),
});

/** The training log of a run in order of steps; empty for an unknown run. */
export const runMetrics = publicProcedure
  .input(inputSchema)
  .query(({ ctx, input }) => listMetrics(ctx.db, input.runId, { after: input.after, limit: input.limit }));
