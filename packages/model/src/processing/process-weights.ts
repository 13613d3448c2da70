import type { Arrays } from '@monosema/engine';
import type { TransformerConfig } from '../transformer/config.ts';
import { centerUnembed, centerWritingWeights } from './centre.ts';
import type { Draft, Weight } from './draft.ts';
import { foldLayerNorm } from './fold-layer-norm.ts';
import { foldValueBiases } from './fold-value-biases.ts';

/**
 * TransformerLens's weight processing, each step off by default. None changes what the model predicts; they change what is
 * seen at hook points. Activations for an SAE must come from the processing that it was trained with.
 */
export interface WeightProcessing {
  /** fold_ln: norms lose gains and biases to the matrices that read them. `unembedding().W_U` then holds ln_final's gain. */
  foldLayerNorm?: boolean;
  /** center_writing_weights: the residual stream, attn_out and mlp_out lose their means over d_model. LayerNorm models only. */
  centerWritingWeights?: boolean;
  /** center_unembed: logits lose their mean over the vocabulary. Not for models that cap their logits. */
  centerUnembed?: boolean;
  /** fold_value_biases: `hook_v` and `hook_z` lose b_V, which goes into b_O. */
  foldValueBiases?: boolean;
}

/**
 * A model's config and weights, processed in TransformerLens's order; those that are given stay as they are.
 *
 * @throws Error when a step would make another model of it
 * @example processWeights(config, weights, { centerWritingWeights: true }) // as the SAEs of gpt2-small-res-jb want it
 */
export function processWeights(
  config: TransformerConfig,
  weights: Arrays,
  processing: WeightProcessing,
): { config: TransformerConfig; weights: Arrays } {
  const draft: Draft = { config, weights: { ...(weights as Record<string, Weight>) } };
  if (processing.foldLayerNorm) foldLayerNorm(draft);
  if (processing.centerWritingWeights) centerWritingWeights(draft);
  if (processing.centerUnembed) centerUnembed(draft);
  if (processing.foldValueBiases) foldValueBiases(draft);
  return draft;
}
