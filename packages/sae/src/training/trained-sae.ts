import type { Evaluation } from '@monosema/catalog';
import { writeSafetensors } from '@monosema/formats';
import type { Files } from '../checkpoint/sae-files.ts';
import type { Sae } from '../sae.ts';
import type { TrainingPlan } from './plan.ts';

/**
 * An SAE that says how it came to be, in the metadata of its cfg.json: `training_architecture`, `l0` and
 * `num_dead_features` by SAELens's names (6.54), and beside them what it was trained on and explains.
 */
export function withTrainingMetadata(
  sae: Sae,
  { config, request, steps }: TrainingPlan,
  measured: Evaluation | null,
): Sae {
  const metadata = {
    ...sae.config.metadata,
    training_architecture: config.architecture,
    training_tokens: steps * request.batchTokens,
    ...(measured && {
      ...{ l0: measured.l0, num_dead_features: measured.deadFeatures },
      explained_variance: measured.explainedVariance,
    }),
  };
  return { ...sae, config: { ...sae.config, metadata } };
}

/**
 * SAELens's file of feature densities: `sparsity` [d_sae], the logarithm (base 10) of the share of tokens at which each is
 * active, plus 1e-10. SAELens takes it from the last 2,000 steps, here it is of held-out text.
 */
export function sparsityFile(density: Float64Array): Files {
  const sparsity = Float32Array.from(density, (share) => Math.log10(share + 1e-10));
  return { 'sparsity.safetensors': writeSafetensors({ sparsity: { data: sparsity, shape: [sparsity.length] } }) };
}
