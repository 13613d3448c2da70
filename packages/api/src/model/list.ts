import { listModels } from '@monosema/db/queries';
import { publicProcedure } from '../trpc.ts';

/** All models, with their published sources and features counted. */
export const modelList = publicProcedure.query(({ ctx }) => listModels(ctx.db));
