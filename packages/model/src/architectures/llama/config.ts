import { z } from 'zod';
import { transformerConfig, type TransformerConfig } from '../../transformer/config.ts';
import { baseFields, parseConfig, sizesOf } from '../config-fields.ts';
import { readRotary, rotaryFields } from '../rotary-config.ts';

/** The fields of config.json that change what is computed; those with one allowed value stop a model that differs. */
const llamaConfigSchema = z.looseObject({
  ...baseFields,
  ...rotaryFields,
  rms_norm_eps: z.number().positive().default(1e-6),
  hidden_act: z.literal('silu').default('silu'),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
});

/** Reads config.json of a Llama model, as transformers 4 and 5 write it. */
export function readLlamaConfig(json: unknown): TransformerConfig {
  const config = parseConfig(llamaConfigSchema, json);
  const sizes = sizesOf(config);
  const bias = config.attention_bias;
  return transformerConfig({
    ...sizes,
    norm: 'rmsNorm',
    epsilon: config.rms_norm_eps,
    positions: readRotary(config, { width: sizes.headWidth, contextSize: sizes.contextSize }),
    attention: { biases: { q: bias, k: bias, v: bias, o: bias } },
    mlp: { activation: 'silu', gated: true, biases: config.mlp_bias },
    tied: config.tie_word_embeddings,
  });
}
