import { z } from 'zod';

/** Where training starts. */
export const startRulesSchema = z.object({
  /** Norm of the random decoder rows; null for entries uniform in ± sqrt(6 / d_in) (Kaiming), as SAELens has it. */
  decoderNorm: z.number().positive().nullable().default(0.1),
  /** b_dec: zeros, the mean activation of the first pool, or its geometric median. */
  decoderBias: z.enum(['zeros', 'mean', 'geometric_median']).default('zeros'),
});
export type StartRules = z.infer<typeof startRulesSchema>;
export type StartRulesInput = z.input<typeof startRulesSchema>;
