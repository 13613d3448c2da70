import { featureAddressSchema } from '@monosema/catalog';
import { getFeaturePage, listLabels } from '@monosema/db/queries';
import { missingPlace } from '../place/missing-place.ts';
import { publicProcedure } from '../trpc.ts';
import { viewFeature } from './feature-view.ts';

/** A feature's dashboard and labels, texts included. NOT_FOUND says what is missing and suggests the nearest. */
export const featureGet = publicProcedure.input(featureAddressSchema).query(async ({ ctx, input }) => {
  const [page, labels] = await Promise.all([
    getFeaturePage(ctx.db, input),
    listLabels(ctx.db, input, { userId: ctx.user?.id ?? null }),
  ]);
  if (!page) throw await missingPlace(ctx, input);
  return viewFeature(page, labels, await ctx.vocabularies.of(page.source));
});
