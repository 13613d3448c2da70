import type { Architecture } from '../architecture.ts';
import { readLlamaConfig, type LlamaConfig } from './config.ts';
import { decode, forward } from './forward.ts';
import { llamaHookPoints } from './hook-points.ts';
import { isSpareTensor, weightShapes } from './weights.ts';

/** Llama and its kin: RMSNorm, rotary positions on half-split heads, grouped keys and values, gated MLP, no biases. */
export const llama: Architecture<LlamaConfig> = {
  names: ['LlamaForCausalLM'],
  readConfig: readLlamaConfig,
  weightShapes,
  isSpareTensor,
  hookPoints: llamaHookPoints,
  forward,
  decode,
  unembedding: ({ tied }) => ({
    unembedding: tied ? 'model.embed_tokens.weight' : 'lm_head.weight',
    finalNormGain: 'model.norm.weight',
  }),
};
