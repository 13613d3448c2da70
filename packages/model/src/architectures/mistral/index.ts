import { z } from 'zod';
import { transformerConfig, type TransformerConfig } from '../../transformer/config.ts';
import type { Architecture } from '../architecture.ts';
import { windowFields, windowsOf } from '../attention-windows.ts';
import { baseFields, parseConfig, sizesOf } from '../config-fields.ts';
import { isSpareTensor, weightSources } from '../llama/weights.ts';
import { readRotary, rotaryFields } from '../rotary-config.ts';

const mistralConfigSchema = z.looseObject({
  ...baseFields,
  ...rotaryFields,
  ...windowFields,
  // What transformers takes where the file does not say.
  num_key_value_heads: z.number().int().positive().nullish().default(8),
  rms_norm_eps: z.number().positive().default(1e-6),
  hidden_act: z.literal('silu').default('silu'),
});

function readConfig(json: unknown): TransformerConfig {
  const config = parseConfig(mistralConfigSchema, json);
  const sizes = sizesOf(config);
  return transformerConfig({
    ...sizes,
    norm: 'rmsNorm',
    epsilon: config.rms_norm_eps,
    positions: readRotary(config, { width: sizes.headWidth, contextSize: sizes.contextSize }),
    attention: { windows: windowsOf(config, sizes.layers, () => true) },
    mlp: { activation: 'silu', gated: true, biases: false },
    tied: config.tie_word_embeddings,
  });
}

/** Mistral: Llama whose tokens see a window (Jiang et al. 2023, arXiv:2310.06825); later versions have none. */
export const mistral: Architecture = { names: ['MistralForCausalLM'], readConfig, weightSources, isSpareTensor };
