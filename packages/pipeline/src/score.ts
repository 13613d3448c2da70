import type { FeatureRecord, TokenValue, Vocabulary } from '@monosema/catalog';

/** What the score looks at. */
export type ScoredFeature = Pick<FeatureRecord, 'firings' | 'density' | 'mean' | 'topTokens' | 'examples'>;

export interface ScoreContext {
  /** To judge how legible its tokens are. */
  vocabulary?: Vocabulary;
  /** The text, to see on which tokens the examples have their maxima. */
  tokenAt?: (context: number, position: number) => number;
}

const strongestExamples = 20;

/**
 * How specific a feature looks, 0 (dead, or everywhere) to 1: a guess at whether a person can say what it means, by which
 * the first feature to look at is chosen. It is the product of
 *
 * - evidence: n / (n + 20) for n firings; a handful of firings shows little;
 * - rarity: 1 for a density up to 0.3 %, falling with its logarithm to 0 at 10 %;
 * - focus: √(3 / t), at most 1, where t = 1 / Σ share² is the effective number of tokens that carry its activation;
 * - agreement, when the text is given: the same of the tokens at the maxima of the 20 strongest examples;
 * - legibility, when the vocabulary is given: the mean over its top tokens, weighted by activation; a token of three letters
 *   or digits counts 1, of two 0.8, of one 0.6, of none 0.2.
 *
 * Ours: no published measure is this cheap; an automated interpretability score would be better and needs a judge.
 *
 * @example scoreFeature(record, { vocabulary: model.tokenizer.vocabulary }) // 0.71
 */
export function scoreFeature(record: ScoredFeature, { vocabulary, tokenAt }: ScoreContext = {}): number {
  if (record.firings === 0) return 0;
  const total = record.firings * record.mean;
  const evidence = record.firings / (record.firings + 20);
  const rarity = clamp(Math.log10(0.1 / record.density) / 1.5);
  const focus = concentration(record.topTokens.map(({ value }) => value / total));
  const agreement = tokenAt ? peakAgreement(record, tokenAt) : 1;
  const legibility = vocabulary ? meanLegibility(record.topTokens, vocabulary) : 1;
  return clamp(evidence * rarity * focus * agreement * legibility);
}

/** √(3 / t), at most 1; what the shares leave over counts as spread thinly. */
function concentration(shares: readonly number[]): number {
  return clamp(Math.sqrt(3 * shares.reduce((sum, share) => sum + share ** 2, 0)));
}

function peakAgreement({ examples }: ScoredFeature, tokenAt: (context: number, position: number) => number): number {
  const strongest = examples.slice(0, strongestExamples);
  const counts = new Map<number, number>();
  for (const { context, position } of strongest) {
    const token = tokenAt(context, position);
    counts.set(token, (counts.get(token) ?? 0) + 1);
  }
  return concentration([...counts.values()].map((count) => count / strongest.length));
}

function meanLegibility(topTokens: readonly TokenValue[], vocabulary: Vocabulary): number {
  let [sum, mass] = [0, 0];
  for (const { token, value } of topTokens) {
    const letters = vocabulary.textOf(token).match(/[\p{L}\p{N}]/gu)?.length ?? 0;
    sum += value * (letters === 0 ? 0.2 : Math.min(1, 0.4 + 0.2 * letters));
    mass += value;
  }
  return sum / mass;
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
