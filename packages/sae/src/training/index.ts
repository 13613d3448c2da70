export { loadCheckpoint, type TrainingCheckpoint, type TrainingState } from './checkpoint.ts';
export type { TrainingEvent, TrainingOptions } from './options.ts';
export { trainSae } from './train-sae.ts';
