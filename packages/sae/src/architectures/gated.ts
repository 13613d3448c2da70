import * as op from '@monosema/engine';
import type { Traced } from '@monosema/engine';
import type { ConfigOf } from '../config/sae-config.ts';
import type { Architecture, TracedWith } from './architecture.ts';
import { decodeLinear, encoderInput } from './linear.ts';

export type GatedParameters = TracedWith<'b_gate' | 'b_mag' | 'r_mag'>;

/** The path that decides: x W_enc + b_gate, [rows, d_sae]. A latent is active where it is above 0. */
export const gatePreActivations = (config: ConfigOf<'gated'>, p: GatedParameters, x: Traced): Traced =>
  op.add(op.matmul(encoderInput(config, p, x), p.W_enc), p.b_gate);

/** f = 1[x W_enc + b_gate > 0] ReLU(x (W_enc exp(r_mag)) + b_mag) (Rajamanoharan et al. 2024a). */
export const gated: Architecture<ConfigOf<'gated'>, GatedParameters> = {
  shapes: ({ dIn, dSae }) => ({
    W_enc: [dIn, dSae],
    b_gate: [dSae],
    b_mag: [dSae],
    r_mag: [dSae],
    W_dec: [dSae, dIn],
    b_dec: [dIn],
  }),
  encode(config, p, x) {
    const product = op.matmul(encoderInput(config, p, x), p.W_enc); // one product serves both paths
    const active = op.toFloat(op.greater(op.add(product, p.b_gate), 0));
    return op.mul(active, op.relu(op.add(op.mul(product, op.exp(p.r_mag)), p.b_mag)));
  },
  decode: (_, p, codes) => decodeLinear(p, codes),
};
