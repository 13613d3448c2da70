import { z } from 'zod';
import { transformerConfig, type TransformerConfig } from '../../transformer/config.ts';
import { activationField } from '../activation.ts';
import { headSizes, parseConfig, tokenId } from '../config-fields.ts';

const count = z.number().int().positive();
const gpt2ConfigSchema = z.looseObject({
  architectures: z.array(z.string()).min(1),
  vocab_size: count,
  n_embd: count,
  n_layer: count,
  n_head: count,
  n_inner: count.nullish(),
  n_positions: count,
  layer_norm_epsilon: z.number().positive().default(1e-5),
  activation_function: activationField.prefault('gelu_new'),
  scale_attn_weights: z.literal(true).default(true),
  scale_attn_by_inverse_layer_idx: z.literal(false).default(false),
  add_cross_attention: z.literal(false).default(false),
  tie_word_embeddings: z.boolean().default(true),
  bos_token_id: tokenId,
  eos_token_id: tokenId,
});

/** Reads config.json of a GPT-2 model. */
export function readGpt2Config(json: unknown): TransformerConfig {
  const config = parseConfig(gpt2ConfigSchema, json);
  return transformerConfig({
    architecture: config.architectures[0]!,
    layers: config.n_layer,
    dModel: config.n_embd,
    dMlp: config.n_inner ?? 4 * config.n_embd,
    ...headSizes(config.n_embd, config.n_head, null),
    vocabularySize: config.vocab_size,
    contextSize: config.n_positions,
    bosToken: config.bos_token_id ?? null,
    eosToken: config.eos_token_id ?? null,
    norm: 'layerNorm',
    epsilon: config.layer_norm_epsilon,
    positions: { kind: 'learned' },
    attention: { biases: { q: true, k: true, v: true, o: true } },
    mlp: { activation: config.activation_function, gated: false, biases: true },
    tied: config.tie_word_embeddings,
  });
}
