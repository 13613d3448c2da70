export { evaluateSae, evaluateSaeWithFeatures, type EvaluationOptions, type FeatureMeasures } from './evaluate-sae.ts';
export { saebenchFileName, toSaebenchCore, type SaebenchCore, type SaebenchOptions } from './saebench-core.ts';
