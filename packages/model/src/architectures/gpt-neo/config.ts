import { z } from 'zod';
import { transformerConfig, type TransformerConfig } from '../../transformer/config.ts';
import { activationField } from '../activation.ts';
import { baseFields, headSizes, parseConfig } from '../config-fields.ts';

const count = z.number().int().positive();
const kind = z.enum(['global', 'local']);
const { architectures, vocab_size, hidden_size, max_position_embeddings, bos_token_id, eos_token_id } = baseFields;
const gptNeoConfigSchema = z.looseObject({
  ...{ architectures, vocab_size, hidden_size, max_position_embeddings, bos_token_id, eos_token_id },
  num_layers: count,
  num_heads: count,
  intermediate_size: count.nullish(),
  activation_function: activationField.default('geluTanh'),
  layer_norm_epsilon: z.number().positive().default(1e-5),
  window_size: count.default(256),
  /** Patterns and how often each is repeated, as [[["global", "local"], 12]]. */
  attention_types: z.array(z.tuple([z.array(kind), count])).default([[['global', 'local'], 12]]),
  tie_word_embeddings: z.boolean().default(true),
});

/** Reads config.json of GPT-Neo. */
export function readGptNeoConfig(json: unknown): TransformerConfig {
  const config = parseConfig(gptNeoConfigSchema, json);
  const { hidden_size: dModel, num_layers: layers } = config;
  const kinds = config.attention_types.flatMap(([pattern, times]) =>
    Array.from({ length: times }, () => pattern).flat(),
  );
  if (kinds.length !== layers)
    throw new Error(`config.json: attention_types speaks of ${kinds.length} layers, but num_layers is ${layers}`);
  return transformerConfig({
    architecture: config.architectures[0]!,
    layers,
    dModel,
    dMlp: config.intermediate_size ?? 4 * dModel,
    ...headSizes(dModel, config.num_heads, null),
    vocabularySize: config.vocab_size,
    contextSize: config.max_position_embeddings,
    bosToken: config.bos_token_id ?? null,
    eosToken: config.eos_token_id ?? null,
    norm: 'layerNorm',
    epsilon: config.layer_norm_epsilon,
    positions: { kind: 'learned' },
    attention: {
      // Products of queries and keys are taken as they are.
      scale: 1,
      windows: kinds.map((each) => (each === 'local' ? config.window_size : null)),
      biases: { q: false, k: false, v: false, o: true },
    },
    mlp: { activation: config.activation_function, gated: false, biases: true },
    tied: config.tie_word_embeddings,
  });
}
