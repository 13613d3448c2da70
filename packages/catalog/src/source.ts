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

/** Where the weights or the dashboards of a source come from; each part null where nobody said so. */
export const provenanceSchema = z.object({
  /** As SAELens's list of published SAEs names them. */
  release: z.string().nullable(),
  saeId: z.string().nullable(),
  /** Repository of the Hugging Face hub, the commit, and the folder in it. */
  repository: z.string().nullable(),
  revision: z.string().nullable(),
  path: z.string().nullable(),
  files: z.array(z.object({ name: z.string(), bytes: z.number().int().min(0), sha256: z.string() })),
  /** Folder or address that dashboards were imported from. */
  importedFrom: z.string().nullable(),
  creator: z.string().nullable(),
  url: z.string().nullable(),
  notes: z.string().nullable(),
});
export type Provenance = z.infer<typeof provenanceSchema>;

/**
 * What has features: a trained SAE, the neurons of a hook point, or an import of which only the dashboards are known.
 * Null is "nobody said so".
 */
export const sourceRecordSchema = z.object({
  modelId: modelIdSchema,
  id: sourceIdSchema,
  /** Null for neurons, and for imports that don't say. */
  architecture: saeArchitectureSchema.nullable(),
  /** Number of features; of neurons the width of the hook point. */
  dSae: z.number().int().positive(),
  hookPoint: z.string().nullable(),
  /** Null where nothing can be computed with it. */
  contract: inputContractSchema.nullable(),
  evaluation: evaluationSchema.nullable(),
  provenance: provenanceSchema.nullable(),
  runId: z.string().nullable(),
});
export type SourceRecord = z.infer<typeof sourceRecordSchema>;
