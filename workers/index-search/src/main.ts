import { readEnv, startWorker, workerEnvSchema } from '@monosema/jobs';
import { indexSearchHandler } from './handle.ts';

await startWorker({ stage: 'index-search', env: () => readEnv(workerEnvSchema), handler: indexSearchHandler });
