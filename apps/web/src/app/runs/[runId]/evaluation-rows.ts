import type { Evaluation, EvaluationMeasureName } from '@monosema/catalog';
import { formatCount, formatNumber, formatPercent } from '@monosema/ui';

/** A figure of an evaluation and what it says. */
export interface EvaluationRow {
  name: string;
  note: string;
  /** Null is "not measured". */
  of: (evaluation: Evaluation) => string | null;
  /** Whose interval goes with it. */
  measure?: EvaluationMeasureName;
}

type NumberField = {
  [F in keyof Evaluation]-?: Evaluation[F] extends number | null | undefined ? F : never;
}[keyof Evaluation];

const text = (value: number | null | undefined): string | null => (value == null ? null : formatNumber(value, 4));
const figure = (field: NumberField, name: string, note: string): EvaluationRow => ({
  ...{ name, note },
  of: (evaluation) => text(evaluation[field]),
});
const summed = (measure: EvaluationMeasureName, name: string, note: string): EvaluationRow => ({
  ...figure(measure, name, note),
  measure,
});

export const evaluationRows: readonly EvaluationRow[] = [
  summed('explainedVariance', 'Explained variance', '1 is a perfect reconstruction'),
  summed('ceLossScore', 'CE-loss score', '1 when the model reads on as if nothing was replaced, 0 as if zeroed'),
  summed('klScore', 'KL score', 'the same of all next-token probabilities, not only of the token that came'),
  summed('l0', 'L0', 'active latents per token'),
  summed('mse', 'MSE', 'summed over d_in, mean over tokens'),
  summed('l2Ratio', 'Length kept', 'of reconstructions beside activations; below 1 they shrink'),
  {
    name: 'Dead features',
    note: 'never active on this text',
    of: (e) => `${formatCount(e.deadFeatures)} (${formatPercent(e.deadFraction)})`,
  },
  {
    name: 'Dense features',
    note: 'active at more than 10% of tokens',
    of: ({ featuresOver10Percent: dense }) => (dense === undefined ? null : formatCount(dense)),
  },
  figure('decoderSimilarity', 'Similarity', 'cosine with the most similar other feature, mean'),
];

export const lossRows: readonly EvaluationRow[] = [
  summed('ceLossClean', 'CE loss, clean', 'of the model as it is'),
  summed('ceLossSpliced', 'CE loss, spliced', 'with reconstructions in place of activations'),
  summed('ceLossAblated', 'CE loss, ablated', 'with zeros in their place'),
  summed('ceLossMeanAblated', 'CE loss, mean ablated', 'with their mean in their place'),
  summed('ceLossScoreMeanAblated', 'CE-loss score against the mean', '0 when no better than the mean'),
  summed(
    'ceLossScoreEverywhere',
    'CE-loss score, BOS zeroed too',
    'against zeros at every token, as SAELens measures it',
  ),
];
