import { z } from 'zod';
import type { MlpConfig } from '../transformer/config.ts';

/** Names in config.json of the activations that there are; those of one line of code share a formula. */
const activations: Readonly<Record<string, MlpConfig['activation']>> = {
  gelu: 'gelu',
  gelu_python: 'gelu',
  gelu_new: 'geluTanh',
  gelu_fast: 'geluTanh',
  gelu_pytorch_tanh: 'geluTanh',
  silu: 'silu',
  swish: 'silu',
  relu: 'relu',
};

/** A field of config.json that names an activation, as the forward pass knows it. */
export const activationField = z.string().transform((name, context) => {
  const found = activations[name];
  if (found) return found;
  context.addIssue(`"${name}" is not supported; supported are ${Object.keys(activations).join(', ')}`);
  return z.NEVER;
});
