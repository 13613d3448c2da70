import { featureAddressSchema } from '@monosema/catalog';
import { listLabels } from '@monosema/db/queries';
import { publicProcedure } from '../trpc.ts';

/** A feature's labels, best first, with the reader's own votes. */
export const labelList = publicProcedure
  .input(featureAddressSchema)
  .query(({ ctx, input }) => listLabels(ctx.db, input, { userId: ctx.user?.id ?? null }));
