import { accountRouter } from './account/router.ts';
import { dataSetRouter } from './data-set/router.ts';
import { featureRouter } from './feature/router.ts';
import { labelRouter } from './label/router.ts';
import { modelRouter } from './model/router.ts';
import { placeRouter } from './place/router.ts';
import { runRouter } from './run/router.ts';
import { searchRouter } from './search/router.ts';
import { sourceRouter } from './source/router.ts';
import { createCallerFactory, router } from './trpc.ts';

/** Everything that the web can do. */
export const appRouter = router({
  account: accountRouter,
  dataSet: dataSetRouter,
  feature: featureRouter,
  label: labelRouter,
  model: modelRouter,
  place: placeRouter,
  run: runRouter,
  search: searchRouter,
  source: sourceRouter,
});
export type AppRouter = typeof appRouter;

/**
 * Calls procedures without HTTP.
 *
 * @example const runs = await createCaller(api.contextFor(user)).run.list({ limit: 10 });
 */
export const createCaller = createCallerFactory(appRouter);
