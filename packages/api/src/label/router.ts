import { router } from '../trpc.ts';
import { labelCreate } from './create.ts';
import { labelHide } from './hide.ts';
import { labelList } from './list.ts';
import { labelVote } from './vote.ts';

export const labelRouter = router({ list: labelList, create: labelCreate, vote: labelVote, hide: labelHide });
