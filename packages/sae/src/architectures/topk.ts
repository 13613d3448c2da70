import * as op from '@monosema/engine';
import type { Traced } from '@monosema/engine';
import type { ConfigOf } from '../config/sae-config.ts';
import type { Architecture, TracedPairs, TracedParameters, TracedWith } from './architecture.ts';
import { decodeLinear, decoderNorms, linearShapes, preActivations } from './linear.ts';

type Rescaled = ConfigOf<'topk' | 'batchtopk' | 'matryoshka_batchtopk'>;

/** Pre-activations in the units in which latents compete: times the decoder norms where the config says so. */
export function rankedPreActivations(config: Rescaled, p: TracedWith<'b_enc'>, x: Traced): Traced {
  const z = preActivations(config, p, x);
  return config.rescaleByDecoderNorm ? op.mul(z, decoderNorms(p)) : z;
}

/** Codes in the units of W_dec's own rows. */
export const decoderUnits = (config: Rescaled, p: TracedParameters, codes: Traced): Traced =>
  config.rescaleByDecoderNorm ? op.div(codes, decoderNorms(p)) : codes;

/**
 * f = ReLU of the k largest of a token's pre-activations (Gao et al. 2024); fewer than k where they are not positive. Signed:
 * the k of largest magnitude as they are (SAELens's abstopk; sparsify's `signed`).
 */
export const topk: Architecture<ConfigOf<'topk'>, TracedWith<'b_enc'>> = {
  shapes: linearShapes,
  encode(config, p, x) {
    const { values, indices } = bestPairs(config, p, x);
    return op.scatterLast(indices, values, config.dSae);
  },
  pairs: bestPairs,
  decode: (config, p, codes) => decodeLinear(p, decoderUnits(config, p, codes)),
};

function bestPairs(config: ConfigOf<'topk'>, p: TracedWith<'b_enc'>, x: Traced): TracedPairs {
  const ranked = rankedPreActivations(config, p, x);
  if (config.signed) {
    const { indices } = op.topK(op.abs(ranked), config.k);
    return { values: op.gatherLast(ranked, indices), indices };
  }
  const { values, indices } = op.topK(ranked, config.k);
  return { values: op.relu(values), indices };
}
