import { modelIdSchema } from '@monosema/catalog';
import { z } from 'zod';

/** Cached activations that are incomplete, damaged, or of something else. */
export class ActivationCacheError extends Error {
  override name = 'ActivationCacheError';
}

export const manifestFile = 'manifest.json';

const shardSchema = z.strictObject({
  file: z.string().regex(/^[a-zA-Z]+-\d{5}\.safetensors$/),
  contexts: z.number().int().positive(),
  bytes: z.number().int().positive(),
});
const splitSchema = z.strictObject({
  contexts: z.number().int().positive(),
  /** SHA-256 of the token ids, little-endian int32, one context after the other. */
  tokens: z.string(),
  shards: z.array(shardSchema).min(1),
});

export const cacheTypes = { float32: 'F32', float16: 'F16', bfloat16: 'BF16' } as const;
export type CacheType = keyof typeof cacheTypes;

/** What a folder of cached activations holds; the file that makes it complete. */
export const manifestSchema = z.strictObject({
  format: z.literal(1),
  model: z.strictObject({
    id: modelIdSchema,
    vocabularySize: z.number().int().positive(),
    contextSize: z.number().int().positive(),
    /** See `modelFingerprint`. */
    fingerprint: z.string(),
  }),
  dataSetId: z.string().min(1),
  contextSize: z.number().int().positive(),
  prependBos: z.boolean(),
  excludedTokens: z.array(z.number().int().min(0)),
  /** Numbers per token. */
  hookPoints: z.record(z.string(), z.number().int().positive()),
  dtype: z.enum(['float32', 'float16', 'bfloat16']),
  splits: z.strictObject({ train: splitSchema, heldOut: splitSchema }),
});
export type ActivationManifest = z.infer<typeof manifestSchema>;
export type CacheShard = z.infer<typeof shardSchema>;

/** @throws ActivationCacheError naming the field */
export function parseManifest(text: string, path: string): ActivationManifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ActivationCacheError(`${path}: ${(error as Error).message}`, { cause: error });
  }
  const parsed = manifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new ActivationCacheError(`${path}: ${z.prettifyError(parsed.error)}`);
}
