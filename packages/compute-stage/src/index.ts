export { computeStage, type ComputeEnv, type Tools } from './compute-stage.ts';
export { readSae } from './read-sae.ts';
