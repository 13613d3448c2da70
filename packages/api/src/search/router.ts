import { router } from '../trpc.ts';
import { searchQuery } from './query.ts';

export const searchRouter = router({ query: searchQuery });
