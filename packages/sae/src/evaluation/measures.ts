import type { EvaluationMeasures } from '@monosema/catalog';
import type { Sums } from './context-sums.ts';

/**
 * Every measure that sums over tokens give. `shiftSquared` is |mean x - the mean that deviations were taken from|².
 * Null is "not measured" or "not defined": no next token, an ablation that does no harm, a reconstruction of zeros.
 */
export function measuresOf(sums: Sums, shiftSquared: number): EvaluationMeasures {
  const { tokens, predictions } = sums;
  // Σ|x - mean x|² from deviations about another point: small numbers, so that a large mean cancels nothing.
  const variance = sums.deviation - tokens * shiftSquared;
  const fvu = variance > 0 ? sums.squaredError / variance : sums.squaredError > 0 ? 1 : 0;
  const loss = (name: `loss.${string}` & keyof Sums): number | null =>
    predictions === 0 ? null : sums[name] / predictions;
  const kl = (name: `kl.${string}` & keyof Sums): number | null => (predictions === 0 ? null : sums[name] / tokens);
  const lossScore = (ablated: number): number | null =>
    ablated > sums['loss.clean'] ? (ablated - sums['loss.spliced']) / (ablated - sums['loss.clean']) : null;
  const klScore = (ablated: number): number | null => (ablated > 0 ? 1 - sums['kl.spliced'] / ablated : null);
  return {
    l0: sums.active / tokens,
    l1: sums.l1 / tokens,
    mse: sums.squaredError / tokens,
    explainedVariance: 1 - fvu,
    fvu,
    explainedVarianceLegacy: sums.legacy / tokens,
    cosineSimilarity: sums.cosine / tokens,
    l2NormIn: sums.normIn / tokens,
    l2NormOut: sums.normOut / tokens,
    l2Ratio: sums.normRatio / tokens,
    relativeReconstructionBias: sums.dot === 0 ? null : sums.squaresOut / sums.dot,
    ceLossScore: lossScore(sums['loss.ablated']),
    ceLossScoreMeanAblated: lossScore(sums['loss.meanAblated']),
    ceLossScoreEverywhere: lossScore(sums['loss.ablatedEverywhere']),
    ceLossClean: loss('loss.clean'),
    ceLossSpliced: loss('loss.spliced'),
    ceLossAblated: loss('loss.ablated'),
    ceLossMeanAblated: loss('loss.meanAblated'),
    ceLossAblatedEverywhere: loss('loss.ablatedEverywhere'),
    klScore: klScore(sums['kl.ablated']),
    klScoreMeanAblated: klScore(sums['kl.meanAblated']),
    klScoreEverywhere: klScore(sums['kl.ablatedEverywhere']),
    klSpliced: kl('kl.spliced'),
    klAblated: kl('kl.ablated'),
    klMeanAblated: kl('kl.meanAblated'),
    klAblatedEverywhere: kl('kl.ablatedEverywhere'),
  };
}
