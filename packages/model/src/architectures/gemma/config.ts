import { z } from 'zod';
import type { ModelConfig, TransformerConfig } from '../../transformer/config.ts';
import { baseFields } from '../config-fields.ts';
import { readRotary, rotaryFields } from '../rotary-config.ts';

/** Fields that Gemma 1 and 2 share, with what transformers takes where the file does not say. */
export const gemmaFields = {
  ...baseFields,
  ...rotaryFields,
  head_dim: z.number().int().positive().default(256),
  rms_norm_eps: z.number().positive().default(1e-6),
  attention_bias: z.boolean().default(false),
  tie_word_embeddings: z.boolean().default(true),
  use_bidirectional_attention: z.literal(false).nullish(),
  // The first files of Gemma 1 say "gelu", and mean the tanh form, as transformers does.
  hidden_act: z.enum(['gelu', 'gelu_pytorch_tanh']).nullish(),
  hidden_activation: z.literal('gelu_pytorch_tanh').nullish(),
};
type GemmaFields = z.infer<z.ZodObject<typeof gemmaFields>>;

/** The part of a config that Gemma 1 and 2 share. */
export function gemmaConfig(config: GemmaFields, sizes: ModelConfig) {
  const bias = config.attention_bias;
  return {
    ...sizes,
    norm: 'rmsNorm',
    epsilon: config.rms_norm_eps,
    positions: readRotary(config, { width: sizes.headWidth, contextSize: sizes.contextSize }),
    attention: { biases: { q: bias, k: bias, v: bias, o: bias } },
    mlp: { activation: 'geluTanh', gated: true, biases: false },
    embeddingScale: Math.sqrt(sizes.dModel),
    tied: config.tie_word_embeddings,
  } as const satisfies Partial<Omit<TransformerConfig, 'attention'>> & { attention: object };
}
