import * as op from '@monosema/engine';
import type { Traced } from '@monosema/engine';
import type { ConfigOf } from '../config/sae-config.ts';
import type { Architecture, TracedWith } from './architecture.ts';
import { decodeLinear, linearShapes, preActivations } from './linear.ts';

/**
 * ReLU(z) where z is above the threshold, else 0: z [rows, d_sae], threshold [d_sae] or []. A latent whose z equals its
 * threshold is inactive; a negative threshold is like 0.
 */
export const gate = (z: Traced, threshold: Traced): Traced => op.mul(op.relu(z), op.toFloat(op.greater(z, threshold)));

/** f = z where z is above the latent's threshold (Rajamanoharan et al. 2024b). */
export const jumprelu: Architecture<ConfigOf<'jumprelu'>, TracedWith<'b_enc' | 'threshold'>> = {
  shapes: (config) => ({ ...linearShapes(config), threshold: [config.dSae] }),
  encode: (config, p, x) => gate(preActivations(config, p, x), p.threshold),
  decode: (_, p, codes) => decodeLinear(p, codes),
};
