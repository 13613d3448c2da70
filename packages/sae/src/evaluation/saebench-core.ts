import type { Evaluation } from '@monosema/catalog';
import { toSaelensConfig } from '../checkpoint/write-saelens-config.ts';
import type { Sae } from '../sae.ts';
import type { FeatureMeasures } from './evaluate-sae.ts';

export interface SaebenchOptions {
  sae: Sae;
  /** What `evaluateSaeWithFeatures` gave. */
  evaluation: Evaluation;
  features: FeatureMeasures;
  /** The text that was measured on. */
  dataSetId: string;
  /** Tokens of a context; those that the SAE was trained with by default. */
  contextSize?: number;
  /** Tokens that did not count; those of the SAE's contract by default. */
  excludedTokens?: readonly number[];
  /** How the SAE is called where it is published. */
  releaseId?: string;
  saeId?: string;
  /** A random UUID and the present by default. */
  evalId?: string;
  at?: Date;
}

/** SAEBench writes this where a number is missing or not one. */
const missing = -1;
const known = (value: number | null | undefined): number => (Number.isFinite(value) ? value! : missing);
/** Its numbers of features have ten decimals. */
const rounded = (value: number | undefined): number => Math.round(known(value) * 1e10) / 1e10;

/**
 * An evaluation as SAEBench (0.6) writes its core results: an object for JSON, which its tools read. Ablations are those of
 * SAELens and SAEBench, which zero every token. Three numbers are better than its own: `explained_variance` is the ratio of
 * pooled sums about the mean (its formula squares second moments), `mse` doesn't depend on the batch, and L1 sums
 * magnitudes. What it has no place for, intervals and mean ablation among it, is under `eval_result_unstructured`.
 *
 * @example
 * const measured = await evaluateSaeWithFeatures({ engine, model, sae, contexts });
 * const core = toSaebenchCore({ ...measured, sae, dataSetId: 'tinystories' });
 * await writeFile(saebenchFileName('my-release', 'my-sae'), JSON.stringify(core));
 */
export function toSaebenchCore(options: SaebenchOptions) {
  const { sae, evaluation, features, releaseId = null, saeId = null } = options;
  const { config } = sae;
  return {
    eval_type_id: 'core',
    eval_config: configOf(options),
    eval_id: options.evalId ?? crypto.randomUUID(),
    datetime_epoch_millis: (options.at ?? new Date()).getTime(),
    eval_result_metrics: metricsOf(options),
    eval_result_details: Array.from({ length: config.dSae }, (_, index) => ({
      index,
      feature_density: rounded(features.density[index]),
      consistent_activation_heuristic: rounded(features.firingsPerContext[index]),
      encoder_bias: rounded(features.encoderBias[index]),
      encoder_norm: rounded(features.encoderNorm[index]),
      encoder_decoder_cosine_sim: rounded(features.encoderDecoderCosine?.[index]),
      max_decoder_cosine_sim: rounded(features.maxDecoderCosine[index]),
      max_encoder_cosine_sim: rounded(features.maxEncoderCosine[index]),
    })),
    // What SAEBench itself says outside of its repository.
    sae_bench_commit_hash: 'Unknown',
    sae_lens_id: saeId,
    sae_lens_release_id: releaseId,
    sae_lens_version: 'Unknown',
    sae_cfg_dict: toSaelensConfig(config),
    eval_result_unstructured: { measured_with: 'monosema', evaluation },
  };
}
export type SaebenchCore = ReturnType<typeof toSaebenchCore>;

/** The file that SAEBench looks for. */
export const saebenchFileName = (releaseId: string, saeId: string): string =>
  `${releaseId}_${saeId}_eval_results.json`.replaceAll('/', '_');

/** All contexts are one batch. */
function configOf({ sae, evaluation, dataSetId, contextSize, excludedTokens }: SaebenchOptions) {
  const { contract } = sae.config;
  return {
    model_name: contract.modelId,
    llm_dtype: 'float32',
    batch_size_prompts: evaluation.contexts ?? 1,
    n_eval_reconstruction_batches: 1,
    n_eval_sparsity_variance_batches: 1,
    dataset: dataSetId,
    context_size: contextSize ?? contract.contextSize,
    compute_kl: evaluation.klSpliced != null,
    compute_ce_loss: evaluation.ceLossSpliced != null,
    compute_l2_norms: true,
    compute_sparsity_metrics: true,
    compute_variance_metrics: true,
    compute_featurewise_density_statistics: true,
    compute_featurewise_weight_based_metrics: true,
    exclude_special_tokens_from_reconstruction: (excludedTokens ?? contract.excludedTokens).length > 0,
    verbose: false,
  };
}

function metricsOf(options: SaebenchOptions) {
  const { evaluation: e, features, sae, contextSize } = options;
  const tokens = (e.contexts ?? 1) * (contextSize ?? sae.config.contract.contextSize);
  return {
    model_behavior_preservation: {
      kl_div_score: known(e.klScoreEverywhere),
      kl_div_with_ablation: known(e.klAblatedEverywhere),
      kl_div_with_sae: known(e.klSpliced),
    },
    model_performance_preservation: {
      ce_loss_score: known(e.ceLossScoreEverywhere),
      ce_loss_with_ablation: known(e.ceLossAblatedEverywhere),
      ce_loss_with_sae: known(e.ceLossSpliced),
      ce_loss_without_sae: known(e.ceLossClean),
    },
    reconstruction_quality: {
      explained_variance: known(e.explainedVariance),
      explained_variance_legacy: known(e.explainedVarianceLegacy),
      mse: known(e.mse),
      cossim: known(e.cosineSimilarity),
    },
    shrinkage: {
      l2_norm_in: known(e.l2NormIn),
      l2_norm_out: known(e.l2NormOut),
      l2_ratio: known(e.l2Ratio),
      relative_reconstruction_bias: known(e.relativeReconstructionBias),
    },
    sparsity: { l0: known(e.l0), l1: known(e.l1) },
    // As SAEBench counts: special tokens too.
    token_stats: { total_tokens_eval_reconstruction: tokens, total_tokens_eval_sparsity_variance: tokens },
    misc_metrics: {
      ...frequencies(features.density),
      average_max_encoder_cosine_sim: known(e.encoderSimilarity),
      average_max_decoder_cosine_sim: known(e.decoderSimilarity),
      frac_alive: 1 - e.deadFraction,
    },
  };
}

/** Shares of features that are active often, and of all activity that is theirs. */
function frequencies(density: Float64Array) {
  const total = density.reduce((sum, share) => sum + share, 0);
  const over = (least: number) => {
    const often = density.filter((share) => share > least);
    const activity = often.reduce((sum, share) => sum + share, 0);
    return { share: often.length / density.length, ofActivity: total > 0 ? activity / total : 0 };
  };
  const [percent, tenPercent] = [over(0.01), over(0.1)];
  return {
    freq_over_1_percent: percent.share,
    freq_over_10_percent: tenPercent.share,
    normalized_freq_over_1_percent: percent.ofActivity,
    normalized_freq_over_10_percent: tenPercent.ofActivity,
  };
}
