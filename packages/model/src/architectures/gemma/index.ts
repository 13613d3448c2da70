import { z } from 'zod';
import { transformerConfig, type TransformerConfig } from '../../transformer/config.ts';
import type { Architecture } from '../architecture.ts';
import { parseConfig, sizesOf } from '../config-fields.ts';
import { isSpareTensor } from '../llama/weights.ts';
import { gemmaConfig, gemmaFields } from './config.ts';
import { weightSources } from './weights.ts';

const gemmaConfigSchema = z.looseObject(gemmaFields);

function readConfig(json: unknown): TransformerConfig {
  const config = parseConfig(gemmaConfigSchema, json);
  return transformerConfig(gemmaConfig(config, sizesOf(config)));
}

/** Gemma 1: embeddings times sqrt(d_model), RMSNorm of 1 + gain, GELU-gated MLP (arXiv:2403.08295). */
export const gemma: Architecture = { names: ['GemmaForCausalLM'], readConfig, weightSources, isSpareTensor };
