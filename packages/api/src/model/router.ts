import { router } from '../trpc.ts';
import { modelGet } from './get.ts';
import { modelList } from './list.ts';

export const modelRouter = router({ list: modelList, get: modelGet });
