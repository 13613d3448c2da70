import { z } from 'zod';
import type { ModelConfig } from '../architecture.ts';

/** What only this family has. */
export interface LlamaConfig extends ModelConfig {
  readonly epsilon: number;
  readonly ropeTheta: number;
  /** Whether the embedding is the unembedding too. */
  readonly tied: boolean;
}

const count = z.number().int().positive();
const tokenId = z
  .union([
    z.number().int().min(0),
    z
      .array(z.number().int().min(0))
      .min(1)
      .transform((ids) => ids[0]!),
  ])
  .nullish();

/** The fields of config.json that change what is computed; those with one allowed value stop a model that differs. */
const llamaConfigSchema = z.looseObject({
  architectures: z.array(z.string()).min(1),
  vocab_size: count,
  hidden_size: count,
  intermediate_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  num_key_value_heads: count.optional(),
  head_dim: count.nullish(),
  max_position_embeddings: count,
  rms_norm_eps: z.number().positive(),
  rope_theta: z.number().positive().optional(),
  rope_parameters: z
    .looseObject({ rope_theta: z.number().positive(), rope_type: z.literal('default').optional() })
    .nullish(),
  rope_scaling: z.null({ error: 'scaled rotary positions are not supported' }).optional(),
  hidden_act: z.literal('silu').default('silu'),
  attention_bias: z.literal(false).default(false),
  mlp_bias: z.literal(false).default(false),
  tie_word_embeddings: z.boolean().default(false),
  bos_token_id: tokenId,
  eos_token_id: tokenId,
});

/** Reads config.json of a Llama model, as transformers 4 and 5 write it. */
export function readLlamaConfig(json: unknown): LlamaConfig {
  const parsed = llamaConfigSchema.safeParse(json);
  if (!parsed.success) throw new Error(`config.json: ${z.prettifyError(parsed.error)}`);
  const config = parsed.data;
  const heads = config.num_attention_heads;
  const keyValueHeads = config.num_key_value_heads ?? heads;
  const headWidth = config.head_dim ?? config.hidden_size / heads;
  if (heads % keyValueHeads !== 0)
    throw new Error(
      `config.json: num_attention_heads is ${heads}, no multiple of num_key_value_heads, which is ${keyValueHeads}`,
    );
  if (headWidth % 2 !== 0)
    throw new Error(`config.json: the head width is ${headWidth}, but rotary positions need an even one`);
  return {
    architecture: config.architectures[0]!,
    layers: config.num_hidden_layers,
    dModel: config.hidden_size,
    dMlp: config.intermediate_size,
    heads,
    keyValueHeads,
    headWidth,
    vocabularySize: config.vocab_size,
    contextSize: config.max_position_embeddings,
    bosToken: config.bos_token_id ?? null,
    eosToken: config.eos_token_id ?? null,
    epsilon: config.rms_norm_eps,
    ropeTheta: config.rope_parameters?.rope_theta ?? config.rope_theta ?? 10_000,
    tied: config.tie_word_embeddings,
  };
}
