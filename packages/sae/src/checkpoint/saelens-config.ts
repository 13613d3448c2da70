import { z } from 'zod';
import { saeConfigSchema, type SaeConfig } from '../config.ts';
import { SaeFormatError } from './format-error.ts';

/** The layout that cfg.json follows: SAELens 6 (github.com/decoderesearch/SAELens). */
export const saelensVersion = '6.18.0';

const metadataSchema = z.looseObject({
  model_name: z.string(),
  hook_name: z.string(),
  hook_head_index: z.null().optional(),
  context_size: z.number().int().positive(),
  prepend_bos: z.boolean(),
  exclude_special_tokens: z.union([z.literal(false), z.array(z.number().int().min(0))]).nullish(),
  dataset_path: z.string().nullish(),
  neuronpedia_id: z.string().nullish(),
  sae_lens_version: z.string(),
});

/** What is read of a version 6 cfg.json. Fields whose other values would change the mathematics are pinned. */
const fileSchema = z.looseObject({
  architecture: z.enum(['topk', 'standard']),
  d_in: z.number().int().positive(),
  d_sae: z.number().int().positive(),
  k: z.number().int().positive().optional(),
  dtype: z.enum(['float32', 'torch.float32', 'float16', 'torch.float16', 'bfloat16', 'torch.bfloat16']),
  apply_b_dec_to_input: z.boolean(),
  normalize_activations: z.literal('none'),
  reshape_activations: z.literal('none'),
  rescale_acts_by_decoder_norm: z.literal(false).optional(),
  metadata: metadataSchema,
});

/** cfg.json of an SAE. */
export function toSaelensConfig(config: SaeConfig): Record<string, unknown> {
  const { architecture, contract, sourceId } = config;
  return {
    architecture,
    d_in: config.dIn,
    d_sae: config.dSae,
    ...(architecture === 'topk' ? { k: config.k, rescale_acts_by_decoder_norm: false } : {}),
    dtype: 'float32',
    device: 'cpu',
    apply_b_dec_to_input: config.subtractDecoderBias,
    normalize_activations: 'none',
    reshape_activations: 'none',
    metadata: {
      model_name: contract.modelId,
      model_class_name: 'HookedTransformer',
      hook_name: contract.hookPoint,
      hook_head_index: null,
      context_size: contract.contextSize,
      prepend_bos: contract.prependBos,
      exclude_special_tokens: contract.excludedTokens,
      dataset_path: config.dataSetId,
      neuronpedia_id: sourceId === null ? null : `${contract.modelId}/${sourceId}`,
      sae_lens_version: saelensVersion,
      sae_lens_training_version: null,
      trained_with: 'monosema',
    },
  };
}

/**
 * The config of a cfg.json text.
 * @throws SaeFormatError naming the field and what is allowed
 */
export function fromSaelensConfig(text: string): SaeConfig {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new SaeFormatError(`cfg.json is not JSON: ${(error as Error).message}`);
  }
  const file = check(fileSchema, json);
  const { metadata } = file;
  return check(saeConfigSchema, {
    architecture: file.architecture,
    dIn: file.d_in,
    dSae: file.d_sae,
    k: file.k,
    subtractDecoderBias: file.apply_b_dec_to_input,
    contract: {
      modelId: metadata.model_name,
      hookPoint: metadata.hook_name,
      dIn: file.d_in,
      contextSize: metadata.context_size,
      prependBos: metadata.prepend_bos,
      excludedTokens: metadata.exclude_special_tokens || [],
    },
    dataSetId: metadata.dataset_path ?? null,
    sourceId: metadata.neuronpedia_id?.split('/')[1] ?? null,
  });
}

function check<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'file'}: ${message}`);
  throw new SaeFormatError(`cfg.json: ${issues.join('; ')}`);
}
