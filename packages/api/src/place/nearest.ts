import { nearestPlaces } from '@monosema/db/queries';
import { z } from 'zod';
import { publicProcedure } from '../trpc.ts';

/** As an address may be mistyped, anything goes. */
const inputSchema = z.object({
  modelId: z.string().max(200),
  sourceId: z.string().max(200).optional(),
  index: z
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .optional(),
});

/** For a page that says "not found": what of an address is missing, and paths of the nearest things that exist; null when all of it exists. */
export const placeNearest = publicProcedure.input(inputSchema).query(({ ctx, input }) => nearestPlaces(ctx.db, input));
