export { loadCheckpoint, type TrainingCheckpoint, type TrainingState } from './checkpoint.ts';
export { readTrainingConfig, type TrainingConfig } from '../config/read-training-config.ts';
export {
  trainingSettingsSchema,
  type TrainingSettings,
  type TrainingSettingsInput,
} from '../config/training-settings.ts';
export { cacheActivations, type CacheActivationsOptions, type CacheProgress } from './cached/cache-activations.ts';
export {
  openCachedActivations,
  type CachedActivations,
  type CachedActivationsOptions,
} from './cached/cached-activations.ts';
export { ActivationCacheError, type ActivationManifest, type CacheType } from './cached/manifest.ts';
export { houseSettings } from './house-settings.ts';
export {
  DivergedError,
  type CachedText,
  type SaeRun,
  type SaesEvent,
  type TrainingConduct,
  type TrainingData,
  type TrainingEvent,
  type TrainingOptions,
  type TrainingText,
  type TrainSaesOptions,
} from './options.ts';
export { sweepRuns, type SweepBase, type SweepGrid } from './sweep.ts';
export { trainSae } from './train-sae.ts';
export { trainSaes } from './train-saes.ts';
