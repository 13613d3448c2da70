import { z } from 'zod';
import { modelIdSchema, sourceIdSchema } from './address.ts';
import { evaluationSchema } from './evaluation.ts';

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
