import { getModel, getSource } from '@monosema/db/queries';
import { missingPlace } from '../place/missing-place.ts';
import { publicProcedure } from '../trpc.ts';
import { sourceInputSchema } from './source-input.ts';

/** A published source and its model. NOT_FOUND suggests the nearest names. */
export const sourceGet = publicProcedure.input(sourceInputSchema).query(async ({ ctx, input }) => {
  const [source, model] = await Promise.all([getSource(ctx.db, input), getModel(ctx.db, input.modelId)]);
  if (!source || !model) throw await missingPlace(ctx, input);
  return { source, model };
});
