import type { GgufFile } from '@monosema/formats';
import type { GgufModelFields, GgufModelMetadata } from './metadata.ts';

/**
 * The config.json that a GGUF file comes to, so that the family reads the one as the other. What only shows in the tensors is
 * looked up there: rows of the embedding, an unembedding of its own, biases.
 */
export function configFile(
  { architecture, fields, tokenizer }: GgufModelMetadata,
  tensors: GgufFile['tensors'],
): Record<string, unknown> {
  const heads = fields['attention.head_count'];
  const headWidth = fields['attention.key_length'] ?? fields.embedding_length / heads;
  checkHeads(fields, headWidth);
  const window = fields['attention.sliding_window'];
  return {
    architectures: [architecture],
    vocab_size: tensors.get('token_embd.weight')?.shape[0],
    hidden_size: fields.embedding_length,
    intermediate_size: fields.feed_forward_length,
    num_hidden_layers: fields.block_count,
    num_attention_heads: heads,
    num_key_value_heads: fields['attention.head_count_kv'] ?? heads,
    head_dim: headWidth,
    max_position_embeddings: fields.context_length,
    rms_norm_eps: shortest(fields['attention.layer_norm_rms_epsilon']),
    rope_theta: shortest(fields['rope.freq_base'] ?? 10_000),
    rope_scaling: ropeScaling(fields),
    tie_word_embeddings: !tensors.has('output.weight'),
    attention_bias: tensors.has('blk.0.attn_output.bias'),
    mlp_bias: tensors.has('blk.0.ffn_down.bias'),
    ...(window ? { sliding_window: window, use_sliding_window: true, max_window_layers: 0 } : {}),
    bos_token_id: tokenizer.bos_token_id,
    eos_token_id: tokenizer.eos_token_id,
  };
}

function checkHeads(fields: GgufModelFields, headWidth: number): void {
  const rotated = fields['rope.dimension_count'] ?? headWidth;
  const values = fields['attention.value_length'] ?? headWidth;
  if (rotated !== headWidth)
    throw new Error(`GGUF metadata: rope.dimension_count is ${rotated}, but heads have ${headWidth} entries`);
  if (values !== headWidth)
    throw new Error(`GGUF metadata: attention.value_length is ${values}, but heads have ${headWidth} entries`);
}

/** Scaled rotary positions; those of Llama 3 are a tensor, `rope_freqs.weight`, and not told here. */
function ropeScaling(fields: GgufModelFields): object | null {
  // The older key stands for linear scaling.
  const factor = fields['rope.scaling.factor'] ?? fields['rope.scale_linear'] ?? 0;
  const type = fields['rope.scaling.type'] ?? 'linear';
  if (type === 'none' || factor === 0 || factor === 1) return null;
  return {
    rope_type: type,
    factor: shortest(factor),
    original_max_position_embeddings: fields['rope.scaling.original_context_length'],
    beta_fast: fields['rope.scaling.yarn_beta_fast'],
    beta_slow: fields['rope.scaling.yarn_beta_slow'],
  };
}

/** A float32's shortest decimal: 1e-5 and not 0.000009999999747378752, as config.json had it. */
const shortest = (single: number): number => Number(single.toPrecision(7));
