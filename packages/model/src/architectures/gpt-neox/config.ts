import { z } from 'zod';
import { transformerConfig, type TransformerConfig } from '../../transformer/config.ts';
import { activationField } from '../activation.ts';
import { baseFields, parseConfig, sizesOf } from '../config-fields.ts';
import { readRotary, rotaryFields } from '../rotary-config.ts';

const fraction = z.number().positive().max(1);
const gptNeoxConfigSchema = z.looseObject({
  ...baseFields,
  ...rotaryFields,
  layer_norm_eps: z.number().positive().default(1e-5),
  hidden_act: activationField.default('gelu'),
  use_parallel_residual: z.boolean().default(true),
  attention_bias: z.boolean().default(true),
  rotary_pct: fraction.optional(),
  rotary_emb_base: z.number().positive().optional(),
  rope_parameters: rotaryFields.rope_parameters
    .unwrap()
    .unwrap()
    .extend({ partial_rotary_factor: fraction.optional() })
    .nullish(),
});

/** Reads config.json of GPT-NeoX, as transformers 4 (rotary_pct, rotary_emb_base) and 5 (rope_parameters) write it. */
export function readGptNeoxConfig(json: unknown): TransformerConfig {
  const config = parseConfig(gptNeoxConfigSchema, json);
  const sizes = sizesOf({ ...config, num_key_value_heads: null, head_dim: null });
  const turning = config.rope_parameters?.partial_rotary_factor ?? config.rotary_pct ?? 0.25;
  const bias = config.attention_bias;
  return transformerConfig({
    ...sizes,
    norm: 'layerNorm',
    epsilon: config.layer_norm_eps,
    positions: readRotary(config, {
      width: Math.floor(sizes.headWidth * turning),
      contextSize: sizes.contextSize,
      ...(config.rotary_emb_base !== undefined && { theta: config.rotary_emb_base }),
    }),
    attention: { biases: { q: bias, k: bias, v: bias, o: bias } },
    mlp: { activation: config.hidden_act, gated: false, biases: true },
    parallel: config.use_parallel_residual,
    tied: config.tie_word_embeddings,
  });
}
