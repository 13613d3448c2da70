import { z } from 'zod';

/**
 * What an SAE is trained towards. Each architecture takes what concerns it: lambda is that of standard, gated and
 * transcoders (L1), and of jumprelu (L0). Defaults are SAELens's.
 */
export const lossRulesSchema = z.object({
  /** Weight of the sparsity penalty once it is warm. */
  sparsityCoefficient: z.number().min(0).default(1),
  /** Steps over which that weight rises linearly from 0. */
  sparsityWarmUpSteps: z.number().int().min(0).default(0),
  /** The penalty of standard SAEs is |f|_p over latents, p = 1 for L1. */
  lpNorm: z.number().positive().default(1),
  /** Whether codes are penalised times their decoder norms; SAELens 5 had them plain. */
  weightByDecoderNorm: z.boolean().default(true),
  /** Whether dead latents get SAELens 5's ghost gradients; standard SAEs. */
  ghostGradients: z.boolean().default(false),
  /** Weight of what dead latents reconstruct of the remaining error; TopK kinds. */
  auxCoefficient: z.number().min(0).default(1),
  /** Whether dead latents reconstruct the error of their own level; Matryoshka. */
  auxPerLevel: z.boolean().default(false),
  /** How fast a BatchTopK SAE's threshold follows the smallest active value of a batch. */
  thresholdRate: z.number().min(0).max(1).default(0.01),
  /** Whether that threshold is set at the end, on held-out text, so that k are above it on average. */
  calibrateThreshold: z.boolean().default(true),
  /** Whether the gate's own reconstruction leaves the decoder alone, as in the paper; SAELens lets it pull. */
  gateFreezesDecoder: z.boolean().default(false),
  jumpThreshold: z.number().min(0).default(0.01),
  /** Width of the window around the threshold in which its gradient is estimated. */
  jumpBandwidth: z.number().positive().default(0.05),
  /** step: L0 (Rajamanoharan et al. 2024b); tanh (Anthropic, January 2025); quadratic: L0 around a target (Gemma Scope 2). */
  jumpSparsity: z.enum(['step', 'tanh', 'quadratic']).default('step'),
  jumpTanhScale: z.number().positive().default(4),
  targetL0: z.number().positive().nullable().default(null),
  /** Weight of Anthropic's pre-activation loss, on dead latents only. */
  preActCoefficient: z.number().min(0).nullable().default(null),
  /** Whether the estimated gradient reaches pre-activations too (Anthropic), or the threshold alone (DeepMind). */
  jumpEstimateReachesInput: z.boolean().default(false),
});
export type LossRules = z.infer<typeof lossRulesSchema>;
export type LossRulesInput = z.input<typeof lossRulesSchema>;
