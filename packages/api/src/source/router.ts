import { router } from '../trpc.ts';
import { sourceFeatures } from './features.ts';
import { sourceGet } from './get.ts';
import { sourceList } from './list.ts';

export const sourceRouter = router({ list: sourceList, get: sourceGet, features: sourceFeatures });
