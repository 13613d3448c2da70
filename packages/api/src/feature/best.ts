import { bestFeature } from '@monosema/db/queries';
import { sourceInputSchema } from '../source/source-input.ts';
import { publicProcedure } from '../trpc.ts';

/** The index of a source's best-scored live feature; null when none fires. */
export const featureBest = publicProcedure
  .input(sourceInputSchema)
  .query(async ({ ctx, input }) => ({ index: await bestFeature(ctx.db, input) }));
