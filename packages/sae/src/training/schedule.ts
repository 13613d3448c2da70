/** Constant, then linear to zero over the last fifth of the steps. */
export function learningRateAt(step: number, steps: number, peak: number): number {
  const decaySteps = Math.max(1, Math.floor(steps / 5));
  return peak * Math.min(1, (steps - step) / decaySteps);
}

/** The L1 weight rises linearly from 0 over the first 5 % of the steps. */
export function l1CoefficientAt(step: number, steps: number, coefficient: number): number {
  const warmUpSteps = Math.floor(steps / 20);
  return warmUpSteps === 0 ? coefficient : coefficient * Math.min(1, step / warmUpSteps);
}

/**
 * Steps without firing after which a latent counts as dead: a twentieth of the run, but at least 100,000 tokens (rare
 * features fire less often than that in small runs) and at most 10 million, the usual figure of large ones (Gao et al. 2024).
 */
export function deadAfterSteps(trainingTokens: number, batchTokens: number): number {
  const tokens = Math.min(10_000_000, Math.max(100_000, trainingTokens / 20));
  return Math.ceil(tokens / batchTokens);
}
