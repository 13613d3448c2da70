import type { TrainingMetrics } from '@monosema/catalog';

/** A row of the log of a ReLU SAE. */
export const metricsRow = (step: number, own: Partial<TrainingMetrics> = {}): TrainingMetrics => ({
  ...{ step, tokens: step * 100, loss: 1.5, mse: 1, sparsityLoss: 0.5, losses: { l1: 0.5 }, rawLosses: { l1: 2 } },
  ...{ coefficient: 0.25, l0: 8, explainedVariance: 0.75, deadFeatures: 3, learningRate: 1e-3, tokensPerSecond: 1000 },
  ...own,
});
