import { listDataSets } from '@monosema/db/queries';
import { publicProcedure } from '../trpc.ts';

/** All data sets that an SAE can be trained on. */
export const dataSetList = publicProcedure.query(({ ctx }) => listDataSets(ctx.db));
