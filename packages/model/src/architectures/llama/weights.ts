import type { Shape } from '@monosema/engine';
import type { LlamaConfig } from './config.ts';

/** Every tensor of a Llama checkpoint; linear weights are [out, in]. */
export function weightShapes(config: LlamaConfig): Record<string, Shape> {
  const { layers, dModel, dMlp, heads, keyValueHeads, headWidth, vocabularySize, tied } = config;
  const shapes: Record<string, Shape> = {
    'model.embed_tokens.weight': [vocabularySize, dModel],
    'model.norm.weight': [dModel],
  };
  if (!tied) shapes['lm_head.weight'] = [vocabularySize, dModel];
  for (let layer = 0; layer < layers; layer++)
    for (const [name, shape] of Object.entries({
      input_layernorm: [dModel],
      'self_attn.q_proj': [heads * headWidth, dModel],
      'self_attn.k_proj': [keyValueHeads * headWidth, dModel],
      'self_attn.v_proj': [keyValueHeads * headWidth, dModel],
      'self_attn.o_proj': [dModel, heads * headWidth],
      post_attention_layernorm: [dModel],
      'mlp.gate_proj': [dMlp, dModel],
      'mlp.up_proj': [dMlp, dModel],
      'mlp.down_proj': [dModel, dMlp],
    }))
      shapes[`model.layers.${layer}.${name}.weight`] = shape;
  return shapes;
}

/** Tables of the rotary embedding follow from the config; a tied model's unembedding is its embedding. */
export const isSpareTensor = (name: string, { tied }: LlamaConfig): boolean =>
  /^model\.(layers\.\d+\.self_attn\.)?rotary_emb\.inv_freq$/.test(name) || (tied && name === 'lm_head.weight');
