import { modelIdSchema, sourceIdSchema } from '@monosema/catalog';
import { z } from 'zod';
import { publicProcedure } from '../trpc.ts';

const inputSchema = z.object({
  text: z.string().trim().min(1).max(200),
  modelId: modelIdSchema.optional(),
  sourceId: sourceIdSchema.optional(),
  limit: z.number().int().min(1).max(100).default(20),
  offset: z.number().int().min(0).max(10_000).default(0),
});

/** Features by label, top token or logit, typing errors forgiven; labels count more than tokens, exact more than similar. */
export const searchQuery = publicProcedure.input(inputSchema).query(({ ctx, input }) => ctx.search.query(input));
