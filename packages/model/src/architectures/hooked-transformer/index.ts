import type { Architecture } from '../architecture.ts';
import { readHookedConfig } from './config.ts';
import { checkSpareTensor, isSpareTensor, weightSources } from './weights.ts';

/** Toy models that were made with TransformerLens: its state dict, and its HookedTransformerConfig as config.json. */
export const hookedTransformer: Architecture = {
  names: ['HookedTransformer'],
  readConfig: readHookedConfig,
  weightSources,
  isSpareTensor,
  checkSpareTensor,
};
