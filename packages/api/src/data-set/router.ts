import { router } from '../trpc.ts';
import { dataSetList } from './list.ts';

export const dataSetRouter = router({ list: dataSetList });
