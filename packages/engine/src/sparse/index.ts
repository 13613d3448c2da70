export { openSparseStep } from './open-sparse-step.ts';
export type { AdamState, SparseStep, SparseStepOptions, SparseStepResult, StepParameters } from './types.ts';
