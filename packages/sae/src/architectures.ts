import * as op from '@monosema/engine';
import type { Traced } from '@monosema/engine';
import type { SaeConfig } from './config.ts';
import type { ParameterName } from './sae.ts';

export type TracedParameters = Record<ParameterName, Traced>;
type Architecture = Pick<SaeConfig, 'architecture' | 'dIn' | 'dSae' | 'k' | 'subtractDecoderBias'>;

/** Pre-activations z = (x - b_dec) W_enc + b_enc: x [rows, d_in] -> [rows, d_sae]. */
export function preActivations({ subtractDecoderBias }: Architecture, p: TracedParameters, x: Traced): Traced {
  const centred = subtractDecoderBias ? op.sub(x, p.b_dec) : x;
  return op.add(op.matmul(centred, p.W_enc), p.b_enc);
}

/** The k largest pre-activations after ReLU, with their features: both [rows, k]. */
export function topPairs(config: Architecture, p: TracedParameters, x: Traced): { values: Traced; indices: Traced } {
  const { values, indices } = op.topK(preActivations(config, p, x), config.k ?? config.dSae);
  return { values: op.relu(values), indices };
}

/** Codes of every latent: x [rows, d_in] -> [rows, d_sae]. */
export function encodeTraced(config: Architecture, p: TracedParameters, x: Traced): Traced {
  if (config.architecture === 'standard') return op.relu(preActivations(config, p, x));
  const { values, indices } = topPairs(config, p, x);
  return op.scatterLast(indices, values, config.dSae);
}

/** codes [rows, d_sae] -> reconstructions [rows, d_in] */
export const decodeTraced = (p: TracedParameters, codes: Traced): Traced => op.add(op.matmul(codes, p.W_dec), p.b_dec);

/** x [rows, d_in] -> its reconstruction; what an edit of a forward pass splices in. */
export const reconstructTraced = (config: Architecture, p: TracedParameters, x: Traced): Traced =>
  decodeTraced(p, encodeTraced(config, p, x));
