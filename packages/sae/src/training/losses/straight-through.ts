import * as op from '@monosema/engine';
import type { Traced } from '@monosema/engine';

// Steps have no gradient; these estimate one with a rectangular kernel K(u) = 1[|u| < 1/2] of width epsilon around the
// threshold (Rajamanoharan et al. 2024b, equations 11 and 12). z [batch, d_sae], threshold [d_sae].

export interface EstimateOptions {
  bandwidth: number;
  /** Whether z gets the estimate too, and not only the threshold. */
  reachesInput: boolean;
}

/** 1[z > threshold]; d/d threshold is estimated as -K((z - threshold) / epsilon) / epsilon. */
export const stepEstimated = (z: Traced, threshold: Traced, { bandwidth, reachesInput }: EstimateOptions): Traced =>
  op.customGradient(
    'step',
    [z, threshold],
    (z, threshold) => op.toFloat(op.greater(z, threshold)),
    ([z, threshold], _, cotangent) => {
      const estimate = op.mul(op.mul(kernel(z!, threshold!, bandwidth), 1 / bandwidth), cotangent);
      return [reachesInput ? estimate : null, op.neg(op.sum(estimate, [0]))];
    },
  );

/** z 1[z > threshold]; d/d threshold is estimated as -threshold K((z - threshold) / epsilon) / epsilon. */
export const jumpReluEstimated = (z: Traced, threshold: Traced, { bandwidth, reachesInput }: EstimateOptions): Traced =>
  op.customGradient(
    'jumpRelu',
    [z, threshold],
    (z, threshold) => op.mul(z, op.toFloat(op.greater(z, threshold))),
    ([z, threshold], _, cotangent) => {
      const weight = op.mul(op.mul(kernel(z!, threshold!, bandwidth), threshold!), 1 / bandwidth);
      const estimate = op.mul(weight, cotangent);
      const direct = op.mul(op.toFloat(op.greater(z!, threshold!)), cotangent);
      return [reachesInput ? op.add(direct, estimate) : direct, op.neg(op.sum(estimate, [0]))];
    },
  );

const kernel = (z: Traced, threshold: Traced, bandwidth: number): Traced =>
  op.toFloat(op.greater(0.5, op.abs(op.mul(op.sub(z, threshold), 1 / bandwidth))));
