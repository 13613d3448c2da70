import { openEngine, type Engine } from '@monosema/engine';
import { loadModel, type Model } from '@monosema/model';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordedEvaluations, recordedSae } from '../fixtures/saelens-evaluations.fixture.ts';
import { evaluateSaeWithFeatures } from './evaluate-sae.ts';

// Against sae-lens's own run_evals in TransformerLens, float64 (scripts/record-evaluations.py). Ours is float32.

const { cases, contexts } = recordedEvaluations;
let engine: Engine;
let model: Model;
beforeAll(async () => {
  [engine, model] = await Promise.all([openEngine(), loadModel('stories-260k')]);
});
afterAll(() => engine.close());

const close = (ours: number | null | undefined, theirs: number): void => {
  expect(ours).not.toBeNull();
  expect(Math.abs(ours! - theirs) / Math.max(1e-3, Math.abs(theirs))).toBeLessThan(2e-5);
};

describe.each(cases)('$architecture at $hookPoint, batches of $batch, without tokens $excludedTokens', (recorded) => {
  test('measures what sae-lens and sae_bench measure', async () => {
    const { metrics, misc, ablation } = recorded;
    const { evaluation: e, features } = await evaluateSaeWithFeatures({
      ...{ engine, model, contexts },
      sae: recordedSae(recorded),
    });
    const { reconstruction_quality: quality, shrinkage, sparsity } = metrics;
    close(e.l0, sparsity!['l0']!);
    close(e.l1, sparsity!['l1']!);
    close(e.mse, quality!['mse']!);
    close(e.explainedVariance, quality!['explained_variance']!);
    close(e.cosineSimilarity, quality!['cossim']!);
    close(e.l2NormIn, shrinkage!['l2_norm_in']!);
    close(e.l2NormOut, shrinkage!['l2_norm_out']!);
    close(e.l2Ratio, shrinkage!['l2_ratio']!);
    if (recorded.batch === contexts.length) {
      // Theirs depend on how tokens are put into batches.
      close(e.explainedVarianceLegacy, quality!['explained_variance_legacy']!);
      close(e.relativeReconstructionBias, shrinkage!['relative_reconstruction_bias']!);
    }
    const { model_performance_preservation: losses, model_behavior_preservation: divergences } = metrics;
    close(e.ceLossClean, losses!['ce_loss_without_sae']!);
    close(e.ceLossSpliced, losses!['ce_loss_with_sae']!);
    close(e.ceLossAblatedEverywhere, losses!['ce_loss_with_ablation']!);
    close(e.ceLossScoreEverywhere, losses!['ce_loss_score']!);
    close(e.klSpliced, divergences!['kl_div_with_sae']!);
    close(e.klAblatedEverywhere, divergences!['kl_div_with_ablation']!);
    close(e.klScoreEverywhere, divergences!['kl_div_score']!);
    close(e.ceLossAblated, ablation.zeros.ce_loss);
    close(e.klAblated, ablation.zeros.kl_div);
    close(e.ceLossMeanAblated, ablation.mean.ce_loss);
    close(e.klMeanAblated, ablation.mean.kl_div);
    close(1 - e.deadFraction, misc['frac_alive']!);
    close(e.featuresOver1Percent! / 128, misc['freq_over_1_percent']!);
    close(e.featuresOver10Percent! / 128, misc['freq_over_10_percent']!);
    close(e.encoderSimilarity, misc['average_max_encoder_cosine_sim']!);
    close(e.decoderSimilarity, misc['average_max_decoder_cosine_sim']!);
    expect(features.density).toHaveLength(128);
    for (const [name, ours] of Object.entries({
      feature_density: features.density,
      consistent_activation_heuristic: features.firingsPerContext,
      encoder_norm: features.encoderNorm,
      encoder_decoder_cosine_sim: features.encoderDecoderCosine!,
      encoder_bias: features.encoderBias,
      max_encoder_cosine_sim: features.maxEncoderCosine,
      max_decoder_cosine_sim: features.maxDecoderCosine,
    }))
      recorded.features?.[name]!.forEach((value, feature) =>
        value === null ? expect(ours[feature]).toBeNaN() : close(ours[feature], value),
      );
  });
});
