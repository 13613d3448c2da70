import { z } from 'zod';
import { modelIdSchema, sourceIdSchema } from './address.ts';
import { evaluationSchema } from './evaluation.ts';
import { saeArchitectureSchema, type SaeArchitecture } from './source.ts';

type OwnField = 'k' | 'l1Coefficient' | 'l0Coefficient' | 'widths' | 'hookPointOut';
/** What each architecture can't be trained without. */
const neededBy: Record<SaeArchitecture, readonly OwnField[]> = {
  topk: ['k'],
  standard: ['l1Coefficient'],
  gated: ['l1Coefficient'],
  batchtopk: ['k'],
  matryoshka_batchtopk: ['k', 'widths'],
  jumprelu: ['l0Coefficient'],
  transcoder: ['l1Coefficient', 'hookPointOut'],
  skip_transcoder: ['l1Coefficient', 'hookPointOut'],
  jumprelu_transcoder: ['l0Coefficient', 'hookPointOut'],
  jumprelu_skip_transcoder: ['l0Coefficient', 'hookPointOut'],
};
const kind = (architecture: SaeArchitecture): string =>
  (({ topk: 'TopK', standard: 'ReLU' }) as Partial<Record<SaeArchitecture, string>>)[architecture] ?? architecture;
const neededWhy: Record<OwnField, (architecture: SaeArchitecture) => string> = {
  k: (architecture) => `k is needed for a ${kind(architecture)} SAE`,
  l1Coefficient: (architecture) => `an L1 coefficient is needed for a ${kind(architecture)} SAE`,
  l0Coefficient: (architecture) => `an L0 coefficient is needed for a ${kind(architecture)} SAE`,
  widths: (architecture) => `widths are needed for a ${kind(architecture)} SAE`,
  hookPointOut: (architecture) => `hookPointOut is needed for a ${kind(architecture)}: it predicts another hook point`,
};

/** What a person asks for: an SAE trained on a model's activations, and its features in the catalog. */
export const trainingRequestSchema = z
  .object({
    modelId: modelIdSchema,
    dataSetId: z.string().min(1),
    sourceId: sourceIdSchema,
    /** TransformerLens name, as `blocks.2.hook_resid_post`. */
    hookPoint: z.string().min(1),
    architecture: saeArchitectureSchema,
    dSae: z.number().int().min(2).max(131_072),
    /** Active latents per token; of batchtopk and matryoshka_batchtopk on average, so not a whole number there. */
    k: z.number().min(1).max(4096).optional(),
    /** Weight of the L1 penalty; standard, gated and transcoders. */
    l1Coefficient: z.number().min(0).max(1000).optional(),
    /** Weight of the L0 penalty; jumprelu and its transcoders. */
    l0Coefficient: z.number().min(0).max(1000).optional(),
    /** Widths of the nested dictionaries, ascending to dSae; matryoshka_batchtopk only. */
    widths: z.array(z.number().int().min(1)).min(1).optional(),
    /** What a transcoder predicts; transcoders only. */
    hookPointOut: z.string().min(1).optional(),
    learningRate: z.number().positive().max(1),
    trainingTokens: z.number().int().min(1).max(1e10),
    batchTokens: z.number().int().min(32).max(65_536).default(2048),
    contextSize: z.number().int().min(8).max(4096).default(128),
    seed: z
      .number()
      .int()
      .min(0)
      .max(2 ** 32 - 1)
      .default(42),
  })
  .superRefine((request, context) => {
    const issue = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    const { architecture, k } = request;
    for (const field of neededBy[architecture])
      if (request[field] === undefined) issue(field, neededWhy[field](architecture));
    if (k !== undefined && neededBy[architecture].includes('k')) {
      if (k > request.dSae) issue('k', `k is ${k}, but must be at most d_sae, which is ${request.dSae}`);
      if (architecture === 'topk' && !Number.isInteger(k)) issue('k', `k is ${k}, but TopK keeps a whole number`);
    }
    if (request.batchTokens > request.trainingTokens)
      issue('trainingTokens', `must be at least one batch, which is ${request.batchTokens} tokens`);
  });
export type TrainingRequest = z.infer<typeof trainingRequestSchema>;
export type TrainingRequestInput = z.input<typeof trainingRequestSchema>;

/** What runs of the catalog train; the library trains every architecture. */
export const launchableArchitectures = [
  'topk',
  'batchtopk',
  'matryoshka_batchtopk',
  'standard',
  'gated',
  'jumprelu',
] as const satisfies readonly SaeArchitecture[];
export type LaunchableArchitecture = (typeof launchableArchitectures)[number];

/** The stages of a run, in order; each is one job. */
export const runStages = ['train-sae', 'build-dashboards', 'index-search', 'preview-steering'] as const;
export const runStageSchema = z.enum(runStages);
export type RunStage = z.infer<typeof runStageSchema>;

export const runStatusSchema = z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']);
export type RunStatus = z.infer<typeof runStatusSchema>;

/** One row of the training log. Losses are means over the batch. */
export const trainingMetricsSchema = z.object({
  step: z.number().int().min(0),
  tokens: z.number().int().min(0),
  loss: z.number(),
  mse: z.number(),
  /** The sparsity (L1) or auxiliary (aux-k) part of the loss, weighted. */
  sparsityLoss: z.number(),
  /** The parts of it by name, weighted; `coefficient` is what the sparsity penalty among them was multiplied by. */
  losses: z.record(z.string(), z.number()).optional(),
  /** Those of the parts that have a weight, without it. */
  rawLosses: z.record(z.string(), z.number()).optional(),
  coefficient: z.number().optional(),
  l0: z.number(),
  explainedVariance: z.number(),
  deadFeatures: z.number().int().min(0),
  learningRate: z.number(),
  tokensPerSecond: z.number(),
});
export type TrainingMetrics = z.infer<typeof trainingMetricsSchema>;

/** What a finished run came to. */
export const runResultSchema = z.object({
  evaluation: evaluationSchema.nullable(),
  engine: z.string().nullable(),
  /** Artifact hash of each file of the final checkpoint, SAELens layout. */
  checkpoint: z.record(z.string(), z.string()).nullable(),
  liveFeatures: z.number().int().nullable(),
  /** Index of the best-scored live feature. */
  bestFeature: z.number().int().nullable(),
});
export type RunResult = z.infer<typeof runResultSchema>;
