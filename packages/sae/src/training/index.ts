export { loadCheckpoint, type TrainingCheckpoint, type TrainingState } from './checkpoint.ts';
export { readTrainingConfig, type TrainingConfig } from '../config/read-training-config.ts';
export {
  trainingSettingsSchema,
  type TrainingSettings,
  type TrainingSettingsInput,
} from '../config/training-settings.ts';
export { houseSettings } from './house-settings.ts';
export {
  DivergedError,
  type SaeRun,
  type SaesEvent,
  type TrainingEvent,
  type TrainingOptions,
  type TrainSaesOptions,
} from './options.ts';
export { sweepRuns, type SweepBase, type SweepGrid } from './sweep.ts';
export { trainSae } from './train-sae.ts';
export { trainSaes } from './train-saes.ts';
