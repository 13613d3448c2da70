import { modelIdSchema } from '@monosema/catalog';
import { getModel, listSources } from '@monosema/db/queries';
import { z } from 'zod';
import { missingPlace } from '../place/missing-place.ts';
import { publicProcedure } from '../trpc.ts';

/** A model and its published sources, by layer and name. NOT_FOUND suggests the nearest models. */
export const modelGet = publicProcedure.input(z.object({ modelId: modelIdSchema })).query(async ({ ctx, input }) => {
  const [model, sources] = await Promise.all([getModel(ctx.db, input.modelId), listSources(ctx.db, input)]);
  if (!model) throw await missingPlace(ctx, input);
  return { model, sources };
});
