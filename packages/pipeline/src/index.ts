export { buildDashboards, type DashboardEvent, type DashboardOptions } from './build-dashboards.ts';
export { DashboardAccumulator, type AccumulatorOptions, type FeatureStatistics } from './dashboard-accumulator.ts';
export {
  logitEffects,
  writesResidual,
  type LogitEffectOptions,
  type LogitEffects,
  type Unembedding,
} from './directions/logit-effects.ts';
export {
  defaultSteeringMultiples,
  defaultSteeringPrompts,
  previewSteering,
  type SteeringEvent,
  type SteeringOptions,
} from './preview-steering.ts';
export { scoreFeature, type ScoreContext, type ScoredFeature } from './score.ts';
export { searchDocument } from './search-document.ts';
export { dashboardSettingsSchema, type DashboardSettings, type DashboardSettingsInput } from './settings.ts';
export { decoderRow, steeringVector } from './steering-vector.ts';
export { hookValues, tokenFeatures, topFeatures, type TokenFeatures } from './token-features.ts';
