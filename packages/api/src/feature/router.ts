import { router } from '../trpc.ts';
import { featureBest } from './best.ts';
import { featureGet } from './get.ts';
import { featureRandom } from './random.ts';

export const featureRouter = router({ get: featureGet, random: featureRandom, best: featureBest });
