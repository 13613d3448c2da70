import type { Architecture } from '../architecture.ts';
import { readGptNeoxConfig } from './config.ts';
import { isSpareTensor, tensorName, weightSources } from './weights.ts';

/** GPT-NeoX and Pythia: blocks whose sublayers stand side by side, a part of each head turns (arXiv:2204.06745). */
export const gptNeox: Architecture = {
  names: ['GPTNeoXForCausalLM'],
  readConfig: readGptNeoxConfig,
  weightSources,
  isSpareTensor,
  tensorName,
};
