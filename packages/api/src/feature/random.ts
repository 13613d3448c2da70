import { modelIdSchema, sourceIdSchema } from '@monosema/catalog';
import { randomFeature } from '@monosema/db/queries';
import { z } from 'zod';
import { notFound } from '../errors.ts';
import { publicProcedure } from '../trpc.ts';

const inputSchema = z.object({ modelId: modelIdSchema.optional(), sourceId: sourceIdSchema.optional() }).default({});

/** The address of a random live feature of a source, a model, or the whole catalog. NOT_FOUND where there is none. */
export const featureRandom = publicProcedure.input(inputSchema).query(async ({ ctx, input }) => {
  const address = await randomFeature(ctx.db, input);
  if (!address) throw notFound('there is no live feature here yet');
  return address;
});
