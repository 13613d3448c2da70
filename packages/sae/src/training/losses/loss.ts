import * as op from '@monosema/engine';
import type { Traced, TracedRecord } from '@monosema/engine';
import type { TracedParameters } from '../../architectures/architecture.ts';
import type { LossRules } from '../../config/loss-rules.ts';
import type { SaeConfig } from '../../config/sae-config.ts';

/** What a loss is computed of. */
export interface LossInputs {
  rules: LossRules;
  /** Samples of the batch; a number, for a mean over them. */
  batch: number;
  /** [batch, d_in], normalised */
  x: Traced;
  /** The same as it stands. */
  raw: Traced;
  /** [batch, d_out] what is to be reconstructed, in its own units. */
  target: Traced;
  /** Turns a reconstruction into the target's units. */
  restore: (reconstruction: Traced) => Traced;
  /** [d_sae] 1 where a latent counts as dead, else 0. */
  dead: Traced;
  /** [] the sparsity weight of this step. */
  coefficient: Traced;
}

/** One forward pass of training. */
export interface TrainingPass {
  /** [batch, d_sae] */
  codes: Traced;
  /** [batch, d_out] */
  reconstruction: Traced;
  /** Scalars, weighted; their sum is what is minimised. */
  losses: { mse: Traced } & TracedRecord;
  /** Those of them that have a weight, without it: a warm-up makes it 0 at first, so that it can't be divided out. */
  unweighted: TracedRecord;
  /** Parameters that follow the data without a gradient, as they are after this step. */
  state?: TracedRecord;
}

/** The loss of an architecture, over traced arrays. */
export interface Loss<C extends SaeConfig = SaeConfig, P extends TracedParameters = TracedParameters> {
  pass(config: C, p: P, inputs: LossInputs): TrainingPass;
}

/** Mean over samples of |a - b|², summed over the width: [batch, width] -> []. */
export const squaredError = (batch: number, a: Traced, b: Traced): Traced =>
  op.mul(op.sum(op.square(op.sub(a, b))), 1 / batch);
