import type { NamedArray, NamedArrays } from '@monosema/formats';
import type { Llama2cConfig } from './llama2c-checkpoint.ts';

/** config.json as transformers reads it. */
export const llamaConfig = (config: Llama2cConfig): object => ({
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  vocab_size: config.vocabularySize,
  hidden_size: config.dim,
  intermediate_size: config.hiddenDim,
  num_hidden_layers: config.layers,
  num_attention_heads: config.heads,
  num_key_value_heads: config.kvHeads,
  head_dim: config.dim / config.heads,
  max_position_embeddings: config.contextSize,
  hidden_act: 'silu',
  rms_norm_eps: 1e-5,
  rope_theta: 10000,
  attention_bias: false,
  mlp_bias: false,
  tie_word_embeddings: true,
  bos_token_id: 1,
  eos_token_id: 2,
  torch_dtype: 'float32',
});

const layerNames: Record<string, string> = {
  attention_norm: 'input_layernorm',
  wq: 'self_attn.q_proj',
  wk: 'self_attn.k_proj',
  wv: 'self_attn.v_proj',
  wo: 'self_attn.o_proj',
  ffn_norm: 'post_attention_layernorm',
  w1: 'mlp.gate_proj',
  w2: 'mlp.down_proj',
  w3: 'mlp.up_proj',
};

/** llama2.c's weights under transformers' names, with queries and keys turned to its form of the rotary embedding. */
export function llamaWeights({ layers, heads, kvHeads }: Llama2cConfig, weights: NamedArrays): NamedArrays {
  const renamed: NamedArrays = {
    'model.embed_tokens.weight': weights.tok_embeddings!,
    'model.norm.weight': weights.norm!,
  };
  for (let layer = 0; layer < layers; layer++)
    for (const [from, to] of Object.entries(layerNames)) {
      const weight = weights[`layers.${layer}.${from}`]!;
      const turned =
        from === 'wq' ? halvesFromPairs(weight, heads) : from === 'wk' ? halvesFromPairs(weight, kvHeads) : weight;
      renamed[`model.layers.${layer}.${to}.weight`] = turned;
    }
  return renamed;
}

/**
 * llama2.c rotates the pairs (0, 1), (2, 3), … of a head; transformers rotates (0, w/2), (1, w/2 + 1), …: the even rows
 * of each head go to its first half, the odd rows to its second. The scores q·k stay the same.
 */
function halvesFromPairs({ data, shape }: NamedArray, heads: number): NamedArray {
  const [rows, columns] = shape as [number, number];
  const width = rows / heads;
  const turned = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    const inHead = row % width;
    const target = row - inHead + (inHead % 2) * (width / 2) + Math.floor(inHead / 2);
    turned.set(data.subarray(row * columns, (row + 1) * columns), target * columns);
  }
  return { data: turned, shape };
}
