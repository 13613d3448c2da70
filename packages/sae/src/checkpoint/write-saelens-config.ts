import type { SaeConfig } from '../config/sae-config.ts';

/** The version of SAELens whose layout is written, and which reads what is written here (see saelens.test.ts). */
export const saelensVersion = '6.54.12';

/** cfg.json of an SAE, SAELens 6 layout. */
export function toSaelensConfig(config: SaeConfig): Record<string, unknown> {
  return {
    architecture: architectureName(config),
    d_in: config.dIn,
    d_sae: config.dSae,
    ...ownFields(config),
    dtype: config.dtype,
    device: 'cpu',
    apply_b_dec_to_input: config.subtractDecoderBias,
    normalize_activations: config.normalisation,
    reshape_activations: config.reshape,
    metadata: metadataOf(config),
  };
}

/**
 * What SAELens calls it. It knows no transcoder that keeps k latents, and since version 6 no tanh-relu, and would use one
 * as if it were plain: such a one has a name of our own, which it refuses.
 */
function architectureName(config: SaeConfig): string {
  if (config.architecture === 'topk' && config.signed) return 'abstopk';
  if (config.architecture === 'standard' && config.activation === 'tanh-relu') return 'standard_tanh_relu';
  return 'kept' in config && config.kept !== null ? `topk_${config.architecture}` : config.architecture;
}

/** Fields of one architecture. */
function ownFields(config: SaeConfig): Record<string, unknown> {
  return {
    ...('k' in config && { k: config.k }),
    ...('kept' in config && config.kept !== null && { k: config.kept }),
    ...('rescaleByDecoderNorm' in config && { rescale_acts_by_decoder_norm: config.rescaleByDecoderNorm }),
    ...('widths' in config && { matryoshka_widths: config.widths }),
    ...('dOut' in config && { d_out: config.dOut }),
  };
}

function metadataOf(config: SaeConfig): Record<string, unknown> {
  const { contract, sourceId, metadata } = config;
  const modelKwargs = config.centred ? { center_writing_weights: true } : undefined;
  return {
    model_name: contract.modelId,
    model_class_name: 'HookedTransformer',
    hook_name: contract.hookPoint,
    ...('hookPointOut' in config && config.hookPointOut !== null && { hook_name_out: config.hookPointOut }),
    hook_head_index: null,
    context_size: contract.contextSize,
    prepend_bos: contract.prependBos,
    exclude_special_tokens: contract.excludedTokens,
    dataset_path: config.dataSetId,
    neuronpedia_id: sourceId === null ? null : `${contract.modelId}/${sourceId}`,
    ...(modelKwargs && { model_from_pretrained_kwargs: modelKwargs }),
    sae_lens_version: saelensVersion,
    sae_lens_training_version: null,
    written_by: 'monosema',
    ...metadata,
  };
}
