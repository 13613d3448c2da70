import type { ScheduleRules } from '../config/schedule-rules.ts';

/**
 * The learning rate of step 0, 1, … of `steps`, as a share of its peak. With a warm-up of 4 steps it is 1/4, 2/4, 3/4, 1;
 * with a decay of 4 of the last steps 1, 3/4, 2/4, 1/4 (torch's SequentialLR of LinearLR, as SAELens builds it). Cosines
 * decay from where they end.
 */
export function learningRateShare(rules: ScheduleRules, step: number, steps: number): number {
  const { warmUpSteps, decaySteps, endShare, kind } = rules;
  if (step < warmUpSteps) return (step + 1) / warmUpSteps;
  const decayed = step - (steps - decaySteps);
  if (decaySteps > 0 && decayed >= 0)
    return (kind === 'constant' ? 1 : endShare) * Math.max(0, 1 - decayed / decaySteps);
  return mainShare(rules, step - warmUpSteps, steps - warmUpSteps - decaySteps);
}

function mainShare({ kind, endShare, cycles }: ScheduleRules, step: number, steps: number): number {
  if (kind === 'constant') return 1;
  const period = kind === 'cosineannealing' ? Math.max(1, steps) : Math.max(1, Math.floor(steps / cycles));
  const within = kind === 'cosineannealing' ? step : step % period;
  return endShare + ((1 - endShare) * (1 + Math.cos((Math.PI * within) / period))) / 2;
}

/** The sparsity weight of step 0, 1, …: 0 at first, lambda after `warmUpSteps`; one step behind the learning rate's warm-up. */
export const coefficientAt = (coefficient: number, warmUpSteps: number, step: number): number =>
  warmUpSteps === 0 ? coefficient : coefficient * Math.min(1, step / warmUpSteps);

/**
 * Tokens without firing after which a latent counts as dead: a twentieth of the run, but at least 100,000 tokens (rare
 * features fire less often than that in small runs) and at most 10 million, the usual figure of large ones (Gao et al. 2024).
 */
export const deadAfterTokens = (trainingTokens: number): number =>
  Math.min(10_000_000, Math.max(100_000, Math.ceil(trainingTokens / 20)));
