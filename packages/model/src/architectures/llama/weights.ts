import type { TransformerConfig } from '../../transformer/config.ts';
import { copied, transposed, type WeightSource } from '../architecture.ts';

/** Every tensor of a Llama checkpoint, under transformers' names. */
export function weightSources(config: TransformerConfig): Record<string, WeightSource> {
  const { layers, dModel, vocabularySize } = config;
  const sources: Record<string, WeightSource> = {
    'embed.W_E': copied('model.embed_tokens.weight', vocabularySize, dModel),
    'ln_final.w': copied('model.norm.weight', dModel),
    'unembed.W_U': transposed('lm_head.weight', vocabularySize, dModel),
  };
  for (let layer = 0; layer < layers; layer++)
    for (const [name, source] of Object.entries(blockSources(config, `model.layers.${layer}`)))
      sources[`blocks.${layer}.${name}`] = source;
  return sources;
}

function blockSources(config: TransformerConfig, block: string): Record<string, WeightSource> {
  const { dModel, dMlp, heads, keyValueHeads, headWidth } = config;
  const [queries, keys] = [heads * headWidth, keyValueHeads * headWidth];
  const [attention, mlp] = [`${block}.self_attn`, `${block}.mlp`];
  return {
    'ln1.w': copied(`${block}.input_layernorm.weight`, dModel),
    'attn.W_Q': transposed(`${attention}.q_proj.weight`, queries, dModel),
    'attn.W_K': transposed(`${attention}.k_proj.weight`, keys, dModel),
    'attn.W_V': transposed(`${attention}.v_proj.weight`, keys, dModel),
    'attn.W_O': transposed(`${attention}.o_proj.weight`, dModel, queries),
    'attn.b_Q': copied(`${attention}.q_proj.bias`, queries),
    'attn.b_K': copied(`${attention}.k_proj.bias`, keys),
    'attn.b_V': copied(`${attention}.v_proj.bias`, keys),
    'attn.b_O': copied(`${attention}.o_proj.bias`, dModel),
    'attn.q_norm.w': copied(`${attention}.q_norm.weight`, headWidth),
    'attn.k_norm.w': copied(`${attention}.k_norm.weight`, headWidth),
    'ln2.w': copied(`${block}.post_attention_layernorm.weight`, dModel),
    'mlp.W_gate': transposed(`${mlp}.gate_proj.weight`, dMlp, dModel),
    'mlp.W_in': transposed(`${mlp}.up_proj.weight`, dMlp, dModel),
    'mlp.W_out': transposed(`${mlp}.down_proj.weight`, dModel, dMlp),
    'mlp.b_gate': copied(`${mlp}.gate_proj.bias`, dMlp),
    'mlp.b_in': copied(`${mlp}.up_proj.bias`, dMlp),
    'mlp.b_out': copied(`${mlp}.down_proj.bias`, dModel),
  };
}

/** Tables of the rotary embedding follow from the config; a tied model's unembedding is its embedding. */
export const isSpareTensor = (name: string, { tied }: TransformerConfig): boolean =>
  /^model\.(layers\.\d+\.self_attn\.)?rotary_emb\.inv_freq$/.test(name) || (tied && name === 'lm_head.weight');
