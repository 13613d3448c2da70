import { z } from 'zod';
import { transformerConfig, type TransformerConfig } from '../../transformer/config.ts';
import type { Architecture } from '../architecture.ts';
import { parseConfig, sizesOf } from '../config-fields.ts';
import { isSpareTensor, weightSources } from '../llama/weights.ts';
import { qwenFields, qwenWindows } from '../qwen2/config.ts';
import { readRotary } from '../rotary-config.ts';

const qwen3ConfigSchema = z.looseObject({
  ...qwenFields,
  // What transformers takes where the file does not say.
  head_dim: z.number().int().positive().default(128),
  attention_bias: z.boolean().default(false),
});

function readConfig(json: unknown): TransformerConfig {
  const config = parseConfig(qwen3ConfigSchema, json);
  const sizes = sizesOf(config);
  const bias = config.attention_bias;
  return transformerConfig({
    ...sizes,
    norm: 'rmsNorm',
    epsilon: config.rms_norm_eps,
    positions: readRotary(config, { width: sizes.headWidth, contextSize: sizes.contextSize }),
    attention: {
      queryKeyNorm: true,
      biases: { q: bias, k: bias, v: bias, o: bias },
      windows: qwenWindows(config, sizes.layers),
    },
    mlp: { activation: 'silu', gated: true, biases: false },
    tied: config.tie_word_embeddings,
  });
}

/** Qwen3: every head's queries and keys pass an RMSNorm before they turn (Yang et al. 2025, arXiv:2505.09388). */
export const qwen3: Architecture = { names: ['Qwen3ForCausalLM'], readConfig, weightSources, isSpareTensor };
