import * as op from '@monosema/engine';
import type { Traced } from '@monosema/engine';
import { keepBatchTopK, type BatchTopKParameters } from '../../architectures/batchtopk.ts';
import { rankedPreActivations } from '../../architectures/topk.ts';
import type { ConfigOf } from '../../config/sae-config.ts';
import { auxiliaryLoss } from './auxiliary.ts';
import { squaredError, type Loss, type LossInputs } from './loss.ts';
import { rankedRows } from './topk.ts';

/** As TopK's loss, over the k * batch largest of the batch; the threshold follows the smallest of them. */
export const batchtopkLoss: Loss<ConfigOf<'batchtopk'>, BatchTopKParameters> = {
  pass(config, p, inputs) {
    const { rules, batch, x, target, restore, dead } = inputs;
    const ranked = rankedPreActivations(config, p, x);
    const codes = keepBatchTopK(op.relu(ranked), config.k);
    const rows = rankedRows(config, p);
    const inner = op.add(op.matmul(codes, rows), p.b_dec);
    const reconstruction = restore(inner);
    const auxiliary = auxiliaryLoss({ batch, ranked, dead, rows, residual: op.sub(x, inner) });
    return {
      codes,
      reconstruction,
      losses: {
        mse: squaredError(batch, reconstruction, target),
        auxiliary: op.mul(auxiliary, rules.auxCoefficient),
      },
      unweighted: { auxiliary },
      state: { topk_threshold: followSmallest(p.topk_threshold, codes, rules.thresholdRate) },
    };
  },
};

/** The losses of nested dictionaries, each of the first `width` latents: equally weighted (Bussmann et al. 2025). */
export const matryoshkaLoss: Loss<ConfigOf<'matryoshka_batchtopk'>, BatchTopKParameters> = {
  pass(config, p, inputs) {
    const { rules, batch, target, restore, x } = inputs;
    const ranked = rankedPreActivations(config, p, x);
    const codes = keepBatchTopK(op.relu(ranked), config.k);
    const rows = rankedRows(config, p);
    const levels = levelsOf(config, p, codes, rows);
    const inner = levels.at(-1)!.reconstruction;
    const reconstruction = restore(inner);
    const auxiliary = rules.auxPerLevel
      ? auxiliaryOfLevels(levels, ranked, rows, inputs)
      : auxiliaryLoss({ batch, ranked, dead: inputs.dead, rows, residual: op.sub(x, inner) });
    const nested = levels
      .slice(0, -1)
      .map((level) => [`mse_${level.end}`, squaredError(batch, restore(level.reconstruction), target)]);
    return {
      codes,
      reconstruction,
      losses: {
        mse: squaredError(batch, reconstruction, target),
        ...(Object.fromEntries(nested) as Record<string, Traced>),
        auxiliary: op.mul(auxiliary, rules.auxCoefficient),
      },
      unweighted: { auxiliary },
      state: { topk_threshold: followSmallest(p.topk_threshold, codes, rules.thresholdRate) },
    };
  },
};

interface Level {
  start: number;
  end: number;
  /** Of all latents before `end`, [batch, d_in]. */
  reconstruction: Traced;
}

/** Each level adds its own latents to what the levels before it reconstruct: no row is multiplied twice. */
function levelsOf(
  { widths }: ConfigOf<'matryoshka_batchtopk'>,
  p: BatchTopKParameters,
  codes: Traced,
  rows: Traced,
): Level[] {
  let before: Traced = p.b_dec;
  return widths.map((end, level) => {
    const start = widths[level - 1] ?? 0;
    before = op.add(op.matmul(op.slice(codes, 1, start, end), op.slice(rows, 0, start, end)), before);
    return { start, end, reconstruction: before };
  });
}

function auxiliaryOfLevels(
  levels: readonly Level[],
  ranked: Traced,
  rows: Traced,
  { batch, dead, x }: LossInputs,
): Traced {
  return levels
    .map(({ start, end, reconstruction }) =>
      auxiliaryLoss({
        batch,
        ranked: op.slice(ranked, 1, start, end),
        dead: op.slice(dead, 0, start, end),
        rows: op.slice(rows, 0, start, end),
        residual: op.sub(x, reconstruction),
      }),
    )
    .reduce((a, b) => op.add(a, b));
}

/** threshold + rate (smallest active code - threshold); as it was in a batch without any. */
function followSmallest(threshold: Traced, codes: Traced, rate: number): Traced {
  const beyond = 1e30;
  const smallest = op.neg(op.max(op.neg(op.where(op.greater(codes, 0), codes, beyond))));
  const target = op.where(op.greater(beyond / 2, smallest), smallest, threshold);
  return op.stopGradient(op.add(op.mul(threshold, 1 - rate), op.mul(target, rate)));
}
