import { readEnv, startWorker, workerEnvSchema } from '@monosema/jobs';
import { buildDashboardsHandler } from './handle.ts';

await startWorker({ stage: 'build-dashboards', env: () => readEnv(workerEnvSchema), handler: buildDashboardsHandler });
