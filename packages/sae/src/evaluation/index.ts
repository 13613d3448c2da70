export { evaluateSae, evaluateSaeWithFeatures, type EvaluationOptions, type FeatureMeasures } from './evaluate-sae.ts';
