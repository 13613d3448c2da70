import { readEnv, startWorker, workerEnvSchema } from '@monosema/jobs';
import { trainSaeHandler } from './handle.ts';

await startWorker({ stage: 'train-sae', env: () => readEnv(workerEnvSchema), handler: trainSaeHandler });
