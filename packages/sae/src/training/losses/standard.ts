import * as op from '@monosema/engine';
import type { Traced } from '@monosema/engine';
import type { TracedWith } from '../../architectures/architecture.ts';
import { decoderNorms, preActivations } from '../../architectures/linear.ts';
import { architectureOf } from '../../architectures/index.ts';
import type { ConfigOf } from '../../config/sae-config.ts';
import { ghostLoss } from './ghost.ts';
import { squaredError, type Loss } from './loss.ts';

/**
 * mean |x_hat - x|² + lambda mean |f n|_p over latents, n the decoder norms, so that shrinking codes and growing rows
 * gains nothing (Anthropic, April 2024). The gradient reaches n as well.
 */
export const standardLoss: Loss<ConfigOf<'standard' | 'transcoder' | 'skip_transcoder'>, TracedWith<'b_enc'>> = {
  pass(config, p, { rules, batch, x, raw, target, restore, coefficient, dead }) {
    const architecture = architectureOf(config);
    const codes = architecture.encode(config, p, x);
    const reconstruction = restore(architecture.decode(config, p, codes, raw));
    const penalty = penaltyOf(rules.weightByDecoderNorm ? op.mul(codes, decoderNorms(p)) : codes, rules.lpNorm);
    const l1 = op.mul(op.sum(penalty), 1 / batch);
    return {
      codes,
      reconstruction,
      losses: {
        mse: squaredError(batch, reconstruction, target),
        l1: op.mul(l1, coefficient),
        ...(rules.ghostGradients && {
          ghost: ghostLoss({
            z: preActivations(config, p, x),
            rows: p.W_dec,
            dead,
            residual: op.sub(target, reconstruction),
          }),
        }),
      },
      unweighted: { l1 },
    };
  },
};

/** (sum over latents of f^p)^(1/p), [batch, d_sae] of what is not negative -> [batch]; f = 0 adds nothing and gets no gradient. */
function penaltyOf(codes: Traced, p: number): Traced {
  if (p === 1) return op.sum(codes, [1]);
  const total = op.sum(power(codes, p), [1]);
  return power(total, 1 / p);
}

function power(x: Traced, exponent: number): Traced {
  const positive = op.greater(x, 0);
  return op.where(positive, op.exp(op.mul(op.log(op.where(positive, x, 1)), exponent)), 0);
}
