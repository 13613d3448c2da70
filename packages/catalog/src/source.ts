import { z } from 'zod';
import { modelIdSchema, sourceIdSchema } from './address.ts';

/** What an SAE expects of its input; applied automatically, stored with the source, shown on its page. */
export const inputContractSchema = z.object({
  modelId: modelIdSchema,
  hookPoint: z.string(),
  dIn: z.number().int().positive(),
  contextSize: z.number().int().positive(),
  prependBos: z.boolean(),
  /** Tokens on which activations are neither trained nor counted. */
  excludedTokens: z.array(z.number().int()),
});
export type InputContract = z.infer<typeof inputContractSchema>;

/** How well an SAE does on held-out text. Null is "not measured", never a claim. */
export const evaluationSchema = z.object({
  tokens: z.number().int().positive(),
  l0: z.number(),
  mse: z.number(),
  explainedVariance: z.number(),
  /** (CE_ablated − CE_spliced) / (CE_ablated − CE_clean), zeros where the SAE is spliced in: BOS keeps its own. */
  ceLossScore: z.number().nullable(),
  /** The same with zeros at every token, BOS too, as SAELens measures it. */
  ceLossScoreEverywhere: z.number().nullable(),
  ceLossClean: z.number().nullable(),
  ceLossSpliced: z.number().nullable(),
  ceLossAblated: z.number().nullable(),
  ceLossAblatedEverywhere: z.number().nullable(),
  deadFeatures: z.number().int().min(0),
  deadFraction: z.number().min(0).max(1),
});
export type Evaluation = z.infer<typeof evaluationSchema>;

export const saeArchitectureSchema = z.enum([
  'topk',
  'standard',
  'gated',
  'batchtopk',
  'matryoshka_batchtopk',
  'jumprelu',
  'transcoder',
  'skip_transcoder',
  'jumprelu_transcoder',
  'jumprelu_skip_transcoder',
]);
export type SaeArchitecture = z.infer<typeof saeArchitectureSchema>;

/** A trained SAE of the catalog, before anybody looks at its features. */
export const sourceRecordSchema = z.object({
  modelId: modelIdSchema,
  id: sourceIdSchema,
  architecture: saeArchitectureSchema,
  dSae: z.number().int().positive(),
  contract: inputContractSchema,
  evaluation: evaluationSchema.nullable(),
  runId: z.string().nullable(),
});
export type SourceRecord = z.infer<typeof sourceRecordSchema>;
