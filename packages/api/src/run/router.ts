import { router } from '../trpc.ts';
import { runCancel } from './cancel.ts';
import { runGet } from './get.ts';
import { runLaunch } from './launch.ts';
import { runList } from './list.ts';
import { runLive } from './live.ts';
import { runMetrics } from './metrics.ts';

export const runRouter = router({
  list: runList,
  get: runGet,
  launch: runLaunch,
  cancel: runCancel,
  metrics: runMetrics,
  live: runLive,
});
