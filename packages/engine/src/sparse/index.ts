export { openTopKStep } from './open-topk-step.ts';
export type {
  AdamState,
  EncoderKind,
  SparsePairs,
  TopKParameters,
  TopKStep,
  TopKStepOptions,
  TopKStepResult,
} from './types.ts';
