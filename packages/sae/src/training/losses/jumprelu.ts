import * as op from '@monosema/engine';
import type { Traced, TracedRecord } from '@monosema/engine';
import { architectureOf } from '../../architectures/index.ts';
import type { TracedWith } from '../../architectures/architecture.ts';
import { decoderNorms, preActivations } from '../../architectures/linear.ts';
import type { ConfigOf } from '../../config/sae-config.ts';
import { squaredError, type Loss, type LossInputs } from './loss.ts';
import { jumpReluEstimated, stepEstimated } from './straight-through.ts';

type JumpConfig = ConfigOf<'jumprelu' | 'jumprelu_transcoder' | 'jumprelu_skip_transcoder'>;

/**
 * mean |x_hat - x|² + lambda mean L0, or what stands for L0 (`jumpSparsity`). The threshold itself is trained, not its
 * logarithm: a step of Adam on the logarithm would hardly move a small threshold (SAELens #494).
 */
export const jumpreluLoss: Loss<JumpConfig, TracedWith<'b_enc' | 'threshold'>> = {
  pass(config, p, inputs) {
    const { rules, batch, x, raw, target, restore, dead, coefficient } = inputs;
    const z = preActivations(config, p, x);
    const estimate = { bandwidth: rules.jumpBandwidth, reachesInput: rules.jumpEstimateReachesInput };
    const codes = jumpReluEstimated(z, p.threshold, estimate);
    const reconstruction = restore(architectureOf(config).decode(config, p, codes, raw));
    const norms = decoderNorms(p);
    const l0 = op.mul(op.sum(sparsity(inputs, z, p.threshold, op.mul(codes, norms))), 1 / batch);
    const unweighted: TracedRecord = { l0 };
    const losses: { mse: Traced } & Record<string, Traced> = {
      mse: squaredError(batch, reconstruction, target),
      l0: op.mul(l0, coefficient),
    };
    if (rules.preActCoefficient !== null) {
      const below = op.mul(op.relu(op.sub(p.threshold, z)), op.mul(dead, norms));
      unweighted['preAct'] = op.mul(op.sum(below), 1 / batch);
      losses['preAct'] = op.mul(unweighted['preAct'], rules.preActCoefficient);
    }
    return { codes, reconstruction, losses, unweighted };
  },
};

/** What is kept small, per sample: [batch]. */
function sparsity({ rules }: LossInputs, z: Traced, threshold: Traced, weighted: Traced): Traced {
  if (rules.jumpSparsity === 'tanh') return op.sum(op.tanh(op.mul(weighted, rules.jumpTanhScale)), [1]);
  const estimate = { bandwidth: rules.jumpBandwidth, reachesInput: rules.jumpEstimateReachesInput };
  const l0 = op.sum(stepEstimated(z, threshold, estimate), [1]);
  if (rules.jumpSparsity === 'step') return l0;
  if (rules.targetL0 === null) throw new RangeError('targetL0 is needed for the quadratic sparsity of JumpReLU');
  return op.mul(op.square(op.sub(l0, rules.targetL0)), 2 / rules.targetL0);
}
