import * as op from '@monosema/engine';
import type { Traced } from '@monosema/engine';

export interface GhostOptions {
  /** [batch, d_sae] */
  z: Traced;
  /** [d_sae, d_in] decoder rows */
  rows: Traced;
  /** [d_sae] 1 where dead. */
  dead: Traced;
  /** [batch, d_in] target - x_hat */
  residual: Traced;
}

/**
 * Ghost gradients (Anthropic, January 2024, as in SAELens 5): dead latents, through exp(z) instead of ReLU, reconstruct
 * the residual, brought to half its norm, in a loss brought to the size of the squared error; both factors without a
 * gradient. Living latents get none. The mean is over samples and width.
 */
export function ghostLoss({ z, rows, dead, residual: from }: GhostOptions): Traced {
  const residual = op.stopGradient(from);
  const codes = op.exp(op.where(op.greater(dead, 0), z, -1e30)); // 0 for the living, before they could overflow
  const out = op.matmul(codes, rows);
  const factor = op.div(normOf(residual), op.add(op.mul(normOf(out), 2), 1e-6));
  const ghost = op.square(op.sub(op.mul(out, op.stopGradient(factor)), residual));
  const size = op.div(op.square(residual), op.add(ghost, 1e-6));
  const anyDead = op.toFloat(op.greater(op.sum(dead), 0));
  return op.mul(op.mean(op.mul(op.stopGradient(size), ghost)), anyDead);
}

/** [batch, width] -> [batch, 1] */
const normOf = (x: Traced): Traced => op.sqrt(op.maximum(op.sum(op.square(x), [1], true), 1e-30));
