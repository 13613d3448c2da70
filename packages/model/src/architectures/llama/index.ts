import type { Architecture } from '../architecture.ts';
import { readLlamaConfig } from './config.ts';
import { isSpareTensor, weightSources } from './weights.ts';

/** Llama and its kin: RMSNorm, rotary positions on half-split heads, grouped keys and values, gated MLP. */
export const llama: Architecture = {
  names: ['LlamaForCausalLM'],
  readConfig: readLlamaConfig,
  weightSources,
  isSpareTensor,
};
