import type { Architecture } from '../architecture.ts';
import { readGpt2Config } from './config.ts';
import { isSpareTensor, tensorName, weightSources } from './weights.ts';

/** GPT-2 (Radford et al. 2019): LayerNorm before each sublayer, learned positions, tanh GELU, tied unembedding. */
export const gpt2: Architecture = {
  names: ['GPT2LMHeadModel'],
  readConfig: readGpt2Config,
  weightSources,
  isSpareTensor,
  tensorName,
};
