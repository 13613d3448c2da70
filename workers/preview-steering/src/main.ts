import { readEnv, startWorker } from '@monosema/jobs';
import { previewSteeringEnvSchema } from './env.ts';
import { previewSteeringHandler } from './handle.ts';

await startWorker({
  stage: 'preview-steering',
  env: () => readEnv(previewSteeringEnvSchema),
  handler: previewSteeringHandler,
});
