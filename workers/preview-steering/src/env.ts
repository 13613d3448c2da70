import { z } from 'zod';
import { workerEnvSchema } from '@monosema/jobs';

export const previewSteeringEnvSchema = workerEnvSchema.extend({
  /** Tokens that the previews of one source may take in all; best-scored features come first. */
  MONOSEMA_STEERING_TOKENS: z.coerce
    .number('must be a number of tokens')
    .int('must be a whole number of tokens')
    .min(0, 'must not be negative')
    .default(100_000),
});
export type PreviewSteeringEnv = z.infer<typeof previewSteeringEnvSchema>;
