import { z } from 'zod';
import type { ModelConfig } from '../transformer/config.ts';

const count = z.number().int().positive();

/** A token's id, or a list of them of which the first counts. */
export const tokenId = z
  .union([
    z.number().int().min(0),
    z
      .array(z.number().int().min(0))
      .min(1)
      .transform((ids) => ids[0]!),
  ])
  .nullish();

/** Fields that Llama, Mistral, Qwen and Gemma share. */
export const baseFields = {
  architectures: z.array(z.string()).min(1),
  vocab_size: count,
  hidden_size: count,
  intermediate_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  num_key_value_heads: count.nullish(),
  head_dim: count.nullish(),
  max_position_embeddings: count,
  tie_word_embeddings: z.boolean().default(false),
  bos_token_id: tokenId,
  eos_token_id: tokenId,
};
type BaseConfig = z.infer<z.ZodObject<typeof baseFields>>;

/** @throws Error listing the fields that are wrong */
export function parseConfig<Schema extends z.ZodType>(schema: Schema, json: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw new Error(`config.json: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Sizes of a model whose config.json has `baseFields`. @throws Error when heads do not divide what they share */
export function sizesOf(config: BaseConfig): ModelConfig {
  const heads = config.num_attention_heads;
  const keyValueHeads = config.num_key_value_heads ?? heads;
  return {
    architecture: config.architectures[0]!,
    layers: config.num_hidden_layers,
    dModel: config.hidden_size,
    dMlp: config.intermediate_size,
    ...headSizes(config.hidden_size, heads, config.head_dim ?? null, keyValueHeads),
    vocabularySize: config.vocab_size,
    contextSize: config.max_position_embeddings,
    bosToken: config.bos_token_id ?? null,
    eosToken: config.eos_token_id ?? null,
  };
}

/** @throws Error when the width of a head is no whole number, or the query heads cannot share the key heads evenly */
export function headSizes(
  dModel: number,
  heads: number,
  headWidth: number | null,
  keyValueHeads = heads,
): Pick<ModelConfig, 'heads' | 'keyValueHeads' | 'headWidth'> {
  if (headWidth === null && dModel % heads !== 0)
    throw new Error(`config.json: a width of ${dModel} does not divide into ${heads} heads`);
  if (heads % keyValueHeads !== 0)
    throw new Error(
      `config.json: num_attention_heads is ${heads}, no multiple of num_key_value_heads, which is ${keyValueHeads}`,
    );
  return { heads, keyValueHeads, headWidth: headWidth ?? dModel / heads };
}
