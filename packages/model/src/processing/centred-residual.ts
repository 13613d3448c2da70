import * as op from '@monosema/engine';
import type { Traced } from '@monosema/engine';

/**
 * What `centerWritingWeights` makes of a residual stream, attn_out or mlp_out, without touching weights: x − mean(x) over
 * d_model. For SAEs of such models (gpt2-small-res-jb) on an ordinary one; add the mean back after decoding.
 *
 * @example centredResidual(hooks.taps['blocks.7.hook_resid_pre']!) // [batch, length, d_model]
 */
export const centredResidual = (x: Traced): Traced => op.sub(x, op.mean(x, [-1], true));
