import { z } from 'zod';

/** How parameters are moved. Defaults are SAELens's. */
export const optimiserRulesSchema = z.object({
  /** Adam's decay rates; epsilon is 1e-8. */
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.999),
  /** Gradients of all parameters together are scaled to at most this norm; null leaves them. */
  clipNorm: z.number().positive().nullable().default(1),
  /** `unit`: rows stay at norm 1, and the part of their gradient along them is removed before Adam; `free`: they don't. */
  decoderRows: z.enum(['unit', 'free']).default('free'),
});
export type OptimiserRules = z.infer<typeof optimiserRulesSchema>;
export type OptimiserRulesInput = z.input<typeof optimiserRulesSchema>;
