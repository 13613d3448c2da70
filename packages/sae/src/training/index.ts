export { loadCheckpoint, type TrainingCheckpoint, type TrainingState } from './checkpoint.ts';
export { readTrainingConfig, type TrainingConfig } from '../config/read-training-config.ts';
export {
  trainingSettingsSchema,
  type TrainingSettings,
  type TrainingSettingsInput,
} from '../config/training-settings.ts';
export { houseSettings } from './house-settings.ts';
export type { TrainingEvent, TrainingOptions } from './options.ts';
export { trainSae } from './train-sae.ts';
