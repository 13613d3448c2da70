import * as op from '@monosema/engine';
import { gated, gatePreActivations, type GatedParameters } from '../../architectures/gated.ts';
import { decodeLinear, decoderNorms } from '../../architectures/linear.ts';
import type { ConfigOf } from '../../config/sae-config.ts';
import { squaredError, type Loss } from './loss.ts';

/**
 * mean |x_hat - x|² + lambda mean sum ReLU(gate) n + mean |ReLU(gate) W_dec + b_dec - x|²: the step in the gate has no
 * gradient, so a reconstruction by the gate alone trains it (Rajamanoharan et al. 2024a). That one also pulls at the
 * decoder, as in SAELens, unless `gateFreezesDecoder`.
 */
export const gatedLoss: Loss<ConfigOf<'gated'>, GatedParameters> = {
  pass(config, p, { rules, batch, x, raw, target, restore, coefficient }) {
    const codes = gated.encode(config, p, x);
    const reconstruction = restore(gated.decode(config, p, codes, raw));
    const gate = op.relu(gatePreActivations(config, p, x));
    const l1 = op.mul(op.sum(op.mul(gate, decoderNorms(p))), 1 / batch);
    const decoder = rules.gateFreezesDecoder
      ? { ...p, W_dec: op.stopGradient(p.W_dec), b_dec: op.stopGradient(p.b_dec) }
      : p;
    return {
      codes,
      reconstruction,
      losses: {
        mse: squaredError(batch, reconstruction, target),
        l1: op.mul(l1, coefficient),
        auxiliary: squaredError(batch, restore(decodeLinear(decoder, gate)), target),
      },
      unweighted: { l1 },
    };
  },
};
