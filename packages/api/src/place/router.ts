import { router } from '../trpc.ts';
import { placeNearest } from './nearest.ts';

export const placeRouter = router({ nearest: placeNearest });
