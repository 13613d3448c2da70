import type { Evaluation, TrainingMetrics } from '@monosema/catalog';

/** Metrics by the names that SAELens gives them in Weights & Biases, as far as it has them, so that runs compare. */
export function scalarsOf(metrics: TrainingMetrics): Record<string, number> {
  const { loss, mse, losses = {}, rawLosses = {}, coefficient, l0, explainedVariance } = metrics;
  return {
    'losses/overall_loss': loss,
    'losses/mse_loss': mse,
    ...named('losses/', losses, '_loss'),
    ...named('losses/raw_', rawLosses, '_loss'),
    'metrics/l0': l0,
    'metrics/explained_variance': explainedVariance,
    'sparsity/dead_features': metrics.deadFeatures,
    'details/current_learning_rate': metrics.learningRate,
    'details/n_training_samples': metrics.tokens,
    'details/tokens_per_second': metrics.tokensPerSecond,
    ...(coefficient !== undefined && { 'details/sparsity_coefficient': coefficient }),
  };
}

/** What of an evaluation is one number. */
export const evaluationScalars = (evaluation: Evaluation): Record<string, number> =>
  named(
    'evaluation/',
    Object.fromEntries(
      Object.entries(evaluation).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
    ),
    '',
  );

const named = (prefix: string, values: Readonly<Record<string, number>>, suffix: string): Record<string, number> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}${snakeCase(name)}${suffix}`, value]));

/** preAct becomes pre_act, mse_24 and l0 stay. */
const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
