import { z } from 'zod';
import { transformerConfig, type TransformerConfig } from '../../transformer/config.ts';
import type { Architecture } from '../architecture.ts';
import { parseConfig, sizesOf } from '../config-fields.ts';
import { isSpareTensor, weightSources } from '../llama/weights.ts';
import { readRotary } from '../rotary-config.ts';
import { qwenFields, qwenWindows } from './config.ts';

const qwen2ConfigSchema = z.looseObject(qwenFields);

function readConfig(json: unknown): TransformerConfig {
  const config = parseConfig(qwen2ConfigSchema, json);
  const sizes = sizesOf(config);
  return transformerConfig({
    ...sizes,
    norm: 'rmsNorm',
    epsilon: config.rms_norm_eps,
    positions: readRotary(config, { width: sizes.headWidth, contextSize: sizes.contextSize }),
    attention: { biases: { q: true, k: true, v: true, o: false }, windows: qwenWindows(config, sizes.layers) },
    mlp: { activation: 'silu', gated: true, biases: false },
    tied: config.tie_word_embeddings,
  });
}

/** Qwen1.5, Qwen2 and Qwen2.5: Llama with biases of queries, keys and values (Yang et al. 2024, arXiv:2407.10671). */
export const qwen2: Architecture = { names: ['Qwen2ForCausalLM'], readConfig, weightSources, isSpareTensor };
