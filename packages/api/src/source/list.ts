import { modelIdSchema } from '@monosema/catalog';
import { listSources } from '@monosema/db/queries';
import { z } from 'zod';
import { publicProcedure } from '../trpc.ts';

/** Published sources, of one model or of all, by model, layer and name. */
export const sourceList = publicProcedure
  .input(z.object({ modelId: modelIdSchema.optional() }).default({}))
  .query(({ ctx, input }) => listSources(ctx.db, input));
