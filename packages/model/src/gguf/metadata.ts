import type { GgufFile } from '@monosema/formats';
import { z } from 'zod';
import { UnsupportedModelError } from '../architectures/registry.ts';

const count = z.number().int().positive();
const positive = z.number().positive();
/** What would change the numbers and is not computed here: only the value that changes nothing may stand there. */
const neutral = <T extends number>(value: T): z.ZodOptional<z.ZodLiteral<T>> =>
  z.literal(value, { error: `only ${value} is supported` }).optional();

/** Keys of a model, less the architecture's name before them. https://github.com/ggml-org/ggml/blob/master/docs/gguf.md */
const modelSchema = z.looseObject({
  context_length: count,
  embedding_length: count,
  block_count: count,
  feed_forward_length: count,
  'attention.head_count': count,
  'attention.head_count_kv': count.optional(),
  'attention.key_length': count.optional(),
  'attention.value_length': count.optional(),
  'attention.layer_norm_rms_epsilon': positive,
  'attention.sliding_window': z.number().int().min(0).optional(),
  'attention.scale': neutral(0),
  'rope.dimension_count': count.optional(),
  'rope.freq_base': positive.optional(),
  'rope.scale_linear': positive.optional(),
  'rope.scaling.type': z.enum(['none', 'linear', 'yarn']).optional(),
  'rope.scaling.factor': z.number().min(0).optional(),
  'rope.scaling.original_context_length': count.optional(),
  'rope.scaling.attn_factor': neutral(1),
  'rope.scaling.yarn_log_multiplier': neutral(0),
  'rope.scaling.yarn_beta_fast': positive.optional(),
  'rope.scaling.yarn_beta_slow': positive.optional(),
  expert_count: neutral(0),
  logit_scale: neutral(1),
  embedding_scale: neutral(1),
  residual_scale: neutral(1),
});
export type GgufModelFields = z.infer<typeof modelSchema>;

/** Keys of the vocabulary, less "tokenizer.ggml." before them. */
const tokenizerSchema = z.looseObject({
  model: z.string(),
  pre: z.string().optional(),
  tokens: z.array(z.string()).min(1),
  scores: z.array(z.number()).optional(),
  token_type: z.array(z.number().int()).optional(),
  merges: z.array(z.string()).optional(),
  bos_token_id: z.number().int().min(0).optional(),
  eos_token_id: z.number().int().min(0).optional(),
  add_bos_token: z.boolean().optional(),
  add_space_prefix: z.boolean().optional(),
});
export type GgufTokenizerFields = z.infer<typeof tokenizerSchema>;

/** Architectures that a GGUF file may name, and transformers' name for each. */
const families = {
  llama: 'LlamaForCausalLM',
  qwen2: 'Qwen2ForCausalLM',
  qwen3: 'Qwen3ForCausalLM',
} as const;
export type GgufFamily = keyof typeof families;

export interface GgufModelMetadata {
  readonly family: GgufFamily;
  /** As config.json would name it. */
  readonly architecture: string;
  readonly fields: GgufModelFields;
  readonly tokenizer: GgufTokenizerFields;
  readonly licence: string | null;
}

/**
 * What a GGUF file says of its model.
 *
 * @throws UnsupportedModelError for an architecture that is not known here, Error naming the key that is missing or wrong
 */
export function readModelMetadata(id: string, { metadata }: Pick<GgufFile, 'metadata'>): GgufModelMetadata {
  const family = metadata.get('general.architecture');
  if (typeof family !== 'string' || !Object.hasOwn(families, family))
    throw new UnsupportedModelError(
      `model "${id}" is a GGUF file of architecture ${JSON.stringify(family) ?? 'none'}; supported are ${Object.keys(families).join(', ')}`,
    );
  if (Number(metadata.get('split.count') ?? 1) > 1)
    throw new UnsupportedModelError(`model "${id}" is one of several parts of a split GGUF file; merge them first`);
  const fields = parse(modelSchema, metadata, `${family}.`);
  const { 'attention.sliding_window': window } = fields;
  const licence = metadata.get('general.license');
  return {
    family: family as GgufFamily,
    // Converters write Mistral as llama, with the window where there is one.
    architecture: family === 'llama' && window ? 'MistralForCausalLM' : families[family as GgufFamily],
    fields,
    tokenizer: parse(tokenizerSchema, metadata, 'tokenizer.ggml.'),
    licence: typeof licence === 'string' ? licence : null,
  };
}

function parse<Schema extends z.ZodType>(
  schema: Schema,
  metadata: GgufFile['metadata'],
  prefix: string,
): z.infer<Schema> {
  const own = [...metadata].filter(([key]) => key.startsWith(prefix));
  const parsed = schema.safeParse(Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value])));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Error(`GGUF metadata: ${prefix}${issue?.path.join('.')}: ${issue?.message}`);
}
