import type { Evaluation, EvaluationMeasureName } from '@monosema/catalog';

type Show = (value: number) => string;
type Row = readonly [label: string, value: string, interval: string];
type NumberField = {
  [F in keyof Evaluation]-?: Evaluation[F] extends number | null | undefined ? F : never;
}[keyof Evaluation];

const count: Show = (value) => value.toLocaleString('en');
const share: Show = (value) => value.toFixed(4);
const short: Show = (value) => value.toPrecision(4);

/** In the order in which people ask; what each is stands in the catalog's schema. */
const fields: readonly (readonly [field: NumberField, label: string, show: Show])[] = [
  ['tokens', 'tokens measured', count],
  ['l0', 'L0', (value) => value.toFixed(2)],
  ['explainedVariance', 'explained variance', share],
  ['fvu', 'FVU', short],
  ['mse', 'MSE', short],
  ['cosineSimilarity', 'cosine similarity', share],
  ['l2Ratio', 'length, of the original’s', share],
  ['relativeReconstructionBias', 'relative reconstruction bias', share],
  ['l1', 'L1', short],
  ['ceLossScore', 'CE-loss score', share],
  ['ceLossScoreMeanAblated', 'against the mean', share],
  ['ceLossScoreEverywhere', 'BOS zeroed too', share],
  ['ceLossClean', 'CE loss of the model', share],
  ['ceLossSpliced', 'with the SAE', share],
  ['ceLossAblated', 'with zeros', share],
  ['ceLossMeanAblated', 'with the mean', share],
  ['ceLossAblatedEverywhere', 'with zeros, BOS too', share],
  ['klScore', 'KL score', share],
  ['klScoreMeanAblated', 'against the mean', share],
  ['klScoreEverywhere', 'BOS zeroed too', share],
  ['deadFeatures', 'dead features', count],
  ['deadFraction', 'their share', (value) => `${(100 * value).toFixed(1)} %`],
  ['featuresOver1Percent', 'active at more than 1 %', count],
  ['featuresOver10Percent', 'active at more than 10 %', count],
  ['decoderSimilarity', 'decoder rows, most similar', share],
  ['encoderSimilarity', 'encoder columns, most similar', share],
  ['encoderDecoderCosine', 'encoder with decoder', share],
];

/**
 * What was measured, as label, value and 95 % interval. What is null was not measured, and says so; what an older version
 * did not know is left out.
 */
export function evaluationRows(evaluation: Evaluation): Row[] {
  return fields.flatMap(([field, label, show]): Row[] => {
    const value = evaluation[field];
    if (value === undefined) return [];
    if (value === null) return [[label, 'not measured', '']];
    const interval = evaluation.intervals?.[field as EvaluationMeasureName];
    return [[label, show(value), interval ? `${show(interval[0])} to ${show(interval[1])}` : '']];
  });
}
