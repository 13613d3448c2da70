import * as op from '@monosema/engine';
import type { Traced } from '@monosema/engine';
import type { TracedWith } from '../../architectures/architecture.ts';
import { decoderNorms } from '../../architectures/linear.ts';
import { rankedPreActivations, topk } from '../../architectures/topk.ts';
import type { ConfigOf } from '../../config/sae-config.ts';
import { auxiliaryLoss } from './auxiliary.ts';
import { squaredError, type Loss } from './loss.ts';

/** mean |x_hat - x|² and the auxiliary loss of dead latents; sparsity needs no penalty. */
export const topkLoss: Loss<ConfigOf<'topk'>, TracedWith<'b_enc'>> = {
  pass(config, p, { rules, batch, x, target, restore, dead }) {
    const ranked = rankedPreActivations(config, p, x);
    const { values, indices } = op.topK(ranked, config.k);
    const codes = op.scatterLast(indices, op.relu(values), config.dSae);
    const inner = topk.decode(config, p, codes, x);
    const reconstruction = restore(inner);
    const auxiliary = auxiliaryLoss({ batch, ranked, dead, rows: rankedRows(config, p), residual: op.sub(x, inner) });
    return {
      codes,
      reconstruction,
      losses: {
        mse: squaredError(batch, reconstruction, target),
        auxiliary: op.mul(auxiliary, rules.auxCoefficient),
      },
      unweighted: { auxiliary },
    };
  },
};

/** What one unit of a latent's code adds to the reconstruction, [d_sae, d_in]. */
export const rankedRows = (
  config: ConfigOf<'topk' | 'batchtopk' | 'matryoshka_batchtopk'>,
  p: TracedWith<'b_enc'>,
): Traced => (config.rescaleByDecoderNorm ? op.div(p.W_dec, op.reshape(decoderNorms(p), [config.dSae, 1])) : p.W_dec);
