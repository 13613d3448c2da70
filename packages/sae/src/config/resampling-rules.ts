import { z } from 'zod';

/** When dead latents get new weights, and which. Defaults are Anthropic's (Bricken et al. 2023), in tokens. */
export const resamplingRulesSchema = z.object({
  /** Tokens between two resamplings; theirs were 25,000 steps of 8192. */
  everyTokens: z.number().int().positive().default(204_800_000),
  /** How often at most. */
  times: z.number().int().positive().default(4),
  /** Inputs among which new rows are chosen, at most: no more than a shuffling pool holds. */
  inputs: z.number().int().positive().default(819_200),
  /** Norm of a new encoder column, as a share of the mean norm of living ones. */
  encoderShare: z.number().positive().default(0.2),
});
export type ResamplingRules = z.infer<typeof resamplingRulesSchema>;
export type ResamplingRulesInput = z.input<typeof resamplingRulesSchema>;
