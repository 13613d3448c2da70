import type { Architecture } from '../architecture.ts';
import { readGptNeoConfig } from './config.ts';
import { isSpareTensor, tensorName, weightSources } from './weights.ts';

/** GPT-Neo, and TinyStories 1M to 33M: GPT-2 without scaled scores, every other layer sees a window. */
export const gptNeo: Architecture = {
  names: ['GPTNeoForCausalLM'],
  readConfig: readGptNeoConfig,
  weightSources,
  isSpareTensor,
  tensorName,
};
