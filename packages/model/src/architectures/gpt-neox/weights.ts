import type { TransformerConfig } from '../../transformer/config.ts';
import { copied, transposed, type WeightSource } from '../architecture.ts';

/** Every tensor of a GPT-NeoX checkpoint, under the names of its files. */
export function weightSources(config: TransformerConfig): Record<string, WeightSource> {
  const { layers, dModel, vocabularySize } = config;
  const sources: Record<string, WeightSource> = {
    'embed.W_E': copied('gpt_neox.embed_in.weight', vocabularySize, dModel),
    'ln_final.w': copied('gpt_neox.final_layer_norm.weight', dModel),
    'ln_final.b': copied('gpt_neox.final_layer_norm.bias', dModel),
    'unembed.W_U': transposed('embed_out.weight', vocabularySize, dModel),
  };
  for (let layer = 0; layer < layers; layer++)
    for (const [name, source] of Object.entries(blockSources(config, `gpt_neox.layers.${layer}`)))
      sources[`blocks.${layer}.${name}`] = source;
  return sources;
}

function blockSources(config: TransformerConfig, block: string): Record<string, WeightSource> {
  const { dModel, dMlp } = config;
  const parts = ['Q', 'K', 'V'].flatMap((part, index) => [
    [`attn.W_${part}`, packedMatrix(config, `${block}.attention.query_key_value.weight`, index)] as const,
    [`attn.b_${part}`, packedBias(config, `${block}.attention.query_key_value.bias`, index)] as const,
  ]);
  return {
    'ln1.w': copied(`${block}.input_layernorm.weight`, dModel),
    'ln1.b': copied(`${block}.input_layernorm.bias`, dModel),
    ...Object.fromEntries(parts),
    'attn.W_O': transposed(`${block}.attention.dense.weight`, dModel, dModel),
    'attn.b_O': copied(`${block}.attention.dense.bias`, dModel),
    'ln2.w': copied(`${block}.post_attention_layernorm.weight`, dModel),
    'ln2.b': copied(`${block}.post_attention_layernorm.bias`, dModel),
    'mlp.W_in': transposed(`${block}.mlp.dense_h_to_4h.weight`, dMlp, dModel),
    'mlp.b_in': copied(`${block}.mlp.dense_h_to_4h.bias`, dMlp),
    'mlp.W_out': transposed(`${block}.mlp.dense_4h_to_h.weight`, dModel, dMlp),
    'mlp.b_out': copied(`${block}.mlp.dense_4h_to_h.bias`, dModel),
  };
}

/** Queries, keys and values of a head stand together, before those of the next: [heads * 3 * head_width, d_model]. */
const packedMatrix = (
  { dModel, heads, headWidth }: TransformerConfig,
  tensor: string,
  index: number,
): WeightSource => ({
  tensor,
  shape: [3 * dModel, dModel],
  view: [heads, 3, headWidth, dModel],
  pick: { axis: 1, index },
  permute: [2, 0, 1],
});

const packedBias = ({ dModel, heads, headWidth }: TransformerConfig, tensor: string, index: number): WeightSource => ({
  tensor,
  shape: [3 * dModel],
  view: [heads, 3, headWidth],
  pick: { axis: 1, index },
});

/** Masks and rotary tables of older files follow from the config. */
export const isSpareTensor = (name: string, { tied }: TransformerConfig): boolean =>
  /^gpt_neox\.layers\.\d+\.attention\.(bias|masked_bias|rotary_emb\.inv_freq)$/.test(name) ||
  (tied && name === 'embed_out.weight');

/** A bare GPTNeoXModel is saved without the prefix; transformers calls the unembedding `lm_head` of late. */
export function tensorName(name: string): string {
  if (name === 'lm_head.weight') return 'embed_out.weight';
  return /^(embed_in|layers|final_layer_norm)\./.test(name) ? `gpt_neox.${name}` : name;
}
