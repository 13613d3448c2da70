import * as op from '@monosema/engine';
import type { Traced } from '@monosema/engine';
import { fixedDim } from '@monosema/engine';
import type { ConfigOf } from '../config/sae-config.ts';
import type { Architecture, TracedWith } from './architecture.ts';
import { gate } from './jumprelu.ts';
import { decodeLinear, linearShapes } from './linear.ts';
import { decoderUnits, rankedPreActivations } from './topk.ts';

type BatchTopKConfig = ConfigOf<'batchtopk' | 'matryoshka_batchtopk'>;
export type BatchTopKParameters = TracedWith<'b_enc' | 'topk_threshold'>;

/**
 * The floor(k * rows) largest of a whole batch, the rest 0 (Bussmann et al. 2024): ranked [rows, d_sae], not negative.
 * What training encodes with; a single token may have none.
 */
export function keepBatchTopK(ranked: Traced, k: number): Traced {
  const rows = fixedDim(ranked.shape[0], 'batchtopk: the batch');
  const dSae = fixedDim(ranked.shape[1], 'batchtopk: d_sae');
  const count = Math.floor(k * rows);
  if (count < 1) return op.mul(ranked, 0);
  const { values, indices } = op.topK(op.reshape(ranked, [1, rows * dSae]), count);
  return op.reshape(op.scatterLast(indices, values, rows * dSae), [rows, dSae]);
}

/**
 * k active latents per token on average. A batch decides in training; afterwards a threshold does, so that the codes of
 * a token don't depend on its neighbours. Matryoshka ones encode alike and differ in their loss.
 */
export const batchtopk: Architecture<BatchTopKConfig, BatchTopKParameters> = {
  shapes: (config) => ({ ...linearShapes(config), topk_threshold: [] }),
  encode: (config, p, x) => gate(rankedPreActivations(config, p, x), p.topk_threshold),
  decode: (config, p, codes) => decodeLinear(p, decoderUnits(config, p, codes)),
};
