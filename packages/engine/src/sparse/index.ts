export { fitsSparseStep, openSparseStep } from './open-sparse-step.ts';
export type { AdamState, SparseStep, SparseStepOptions, SparseStepResult, StepParameters, StepSizes } from './types.ts';
