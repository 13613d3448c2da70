import * as op from '@monosema/engine';
import type { ConfigOf } from '../config/sae-config.ts';
import type { Architecture, TracedWith } from './architecture.ts';
import { decodeLinear, linearShapes, preActivations } from './linear.ts';

/** f = ReLU(z) (Bricken et al. 2023); tanh(ReLU(z)) in some files of SAELens 5 and older. */
export const standard: Architecture<ConfigOf<'standard'>, TracedWith<'b_enc'>> = {
  shapes: linearShapes,
  encode(config, p, x) {
    const codes = op.relu(preActivations(config, p, x));
    return config.activation === 'tanh-relu' ? op.tanh(codes) : codes;
  },
  decode: (_, p, codes) => decodeLinear(p, codes),
};
