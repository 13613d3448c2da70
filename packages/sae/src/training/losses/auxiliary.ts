import * as op from '@monosema/engine';
import { fixedDim } from '@monosema/engine';
import type { Traced } from '@monosema/engine';
import { squaredError } from './loss.ts';

/** Below every pre-activation; finite, since ONNX kernels differ in what they make of infinity times 0. */
const never = -1e30;

export interface AuxiliaryOptions {
  batch: number;
  /** [batch, latents] the pre-activations by which latents compete. */
  ranked: Traced;
  /** [latents] 1 where dead. */
  dead: Traced;
  /** [latents, d_in] the row that a unit of `ranked` adds. */
  rows: Traced;
  /** [batch, d_in] what the living left over; no gradient goes into it. */
  residual: Traced;
}

/**
 * Lets the best dead latents of each sample, at most half of d_in, reconstruct the residual: mean |e_hat - e|², less
 * where few are dead: times min(1, dead / (d_in / 2)). Pre-activations are taken raw, negative ones too, and no bias is
 * added: it is in the residual already (SAELens #432, #644; Gao et al. 2024, appendix B.1).
 */
export function auxiliaryLoss({ batch, ranked, dead, rows, residual }: AuxiliaryOptions): Traced {
  const latents = fixedDim(ranked.shape[1], 'the auxiliary loss: latents');
  const half = Math.floor(fixedDim(residual.shape[1], 'the auxiliary loss: d_in') / 2);
  if (half === 0) return op.scalar(0);
  const count = Math.min(half, latents);
  const { values, indices } = op.topK(op.where(op.greater(dead, 0), ranked, never), count);
  // Where fewer are dead, the rest of the k are living ones in disguise.
  const chosen = op.where(op.greater(values, never / 2), values, 0);
  const reconstruction = op.matmul(op.scatterLast(indices, chosen, latents), rows);
  const share = op.mul(op.sum(dead), 1 / half);
  const scale = op.sub(1, op.relu(op.sub(1, share))); // min(1, share)
  return op.mul(squaredError(batch, reconstruction, op.stopGradient(residual)), scale);
}
