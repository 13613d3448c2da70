import type { FeatureRecord, TokenValue, Vocabulary } from '@monosema/catalog';

/** What the score looks at. */
export type ScoredFeature = Pick<FeatureRecord, 'firings' | 'density' | 'maximum' | 'mean' | 'topTokens'>;

/**
 * How specific a feature looks, 0 (dead, or everywhere) to 1: a guess at whether a person can say what it means, by which
 * the first feature to look at is chosen. It is the product of
 *
 * - evidence: n / (n + 20) for n firings; a handful of firings shows little;
 * - rarity: 1 for a density up to 0.3 %, falling with its logarithm to 0 at 10 %;
 * - focus: √(3 / t), at most 1, where t = 1 / Σ share² is the effective number of tokens that carry its activation;
 * - wording, when the vocabulary is given: 0.2 + 0.8 × the share of its top tokens, by activation, that hold a letter or digit.
 *
 * Ours: no published measure is this cheap; an automated interpretability score would be better and needs a judge.
 *
 * @example scoreFeature(record, model.tokenizer.vocabulary) // 0.71
 */
export function scoreFeature(record: ScoredFeature, vocabulary?: Vocabulary): number {
  if (record.firings === 0) return 0;
  const evidence = record.firings / (record.firings + 20);
  const rarity = clamp(Math.log10(0.1 / record.density) / 1.5);
  const focus = clamp(Math.sqrt(3 / effectiveTokens(record)));
  const wording = vocabulary ? 0.2 + 0.8 * wordShare(record.topTokens, vocabulary) : 1;
  return clamp(evidence * rarity * focus * wording);
}

/** 1 / Σ share², as if what the top tokens leave over were spread thinly. */
function effectiveTokens({ firings, mean, topTokens }: ScoredFeature): number {
  const total = firings * mean;
  return 1 / topTokens.reduce((sum, { value }) => sum + (value / total) ** 2, 0);
}

function wordShare(topTokens: readonly TokenValue[], vocabulary: Vocabulary): number {
  const massOf = (tokens: readonly TokenValue[]): number => tokens.reduce((sum, { value }) => sum + value, 0);
  return massOf(topTokens.filter(({ token }) => /[\p{L}\p{N}]/u.test(vocabulary.textOf(token)))) / massOf(topTokens);
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
