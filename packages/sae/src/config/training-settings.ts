import { z } from 'zod';
import { lossRulesSchema } from './loss-rules.ts';
import { optimiserRulesSchema } from './optimiser-rules.ts';
import { normalisations } from './sae-config.ts';
import { resamplingRulesSchema } from './resampling-rules.ts';
import { scheduleRulesSchema } from './schedule-rules.ts';
import { startRulesSchema } from './start-rules.ts';

/** Everything about a run that its request leaves open. Defaults throughout are those of SAELens 6. */
export const trainingSettingsSchema = z.object({
  loss: lossRulesSchema.prefault({}),
  optimiser: optimiserRulesSchema.prefault({}),
  schedule: scheduleRulesSchema.prefault({}),
  start: startRulesSchema.prefault({}),
  /** Tokens without firing after which a latent counts as dead; looked at between steps. SAELens's 1000 steps of 4096. */
  deadAfterTokens: z.number().int().min(1).default(4_096_000),
  /** Whether dead latents are given new weights now and then, beside what the loss does for them; null: never. */
  resampling: resamplingRulesSchema.nullable().default(null),
  /** Seed of the order in which text is read; null for the request's, which that of the weights is always. */
  dataSeed: z.number().int().min(0).nullable().default(null),
  /** Fields of the SAE's own config. */
  sae: z
    .object({
      /** When given, the width that the hook point must have. */
      dIn: z.number().int().positive().optional(),
      subtractDecoderBias: z.boolean().optional(),
      centred: z.boolean().default(false),
      normalisation: z.enum(normalisations).default('none'),
      rescaleByDecoderNorm: z.boolean().default(true),
    })
    .prefault({}),
});
export type TrainingSettings = z.infer<typeof trainingSettingsSchema>;
export type TrainingSettingsInput = z.input<typeof trainingSettingsSchema>;
