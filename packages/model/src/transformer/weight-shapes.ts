import type { FixedShape } from '@monosema/engine';
import type { TransformerConfig } from './config.ts';

/** Whether ln1, ln2 and ln_final have weights. */
const hasNorms = ({ norm, normWeights }: TransformerConfig): boolean => norm !== 'none' && normWeights;

/**
 * Shape of every weight of a model under TransformerLens's names. Matrices are [in, out], heads lie side by side in the
 * last axis of W_Q, W_K, W_V and the first of W_O. A tied model has no `unembed.W_U`.
 *
 * @example weightShapes(config)['blocks.0.attn.W_Q'] // [d_model, heads * head_width]
 */
export function weightShapes(config: TransformerConfig): Record<string, FixedShape> {
  const { dModel, vocabularySize, contextSize, layers } = config;
  const blocks = Array.from({ length: layers }, (_, layer) =>
    Object.entries(blockShapes(config)).map(([name, shape]) => [`blocks.${layer}.${name}`, shape] as const),
  );
  return {
    'embed.W_E': [vocabularySize, dModel],
    ...(config.positions.kind === 'learned' && { 'pos_embed.W_pos': [contextSize, dModel] }),
    ...Object.fromEntries(blocks.flat()),
    ...(config.finalNorm && hasNorms(config) && normShapes(config, 'ln_final', dModel)),
    ...(!config.tied && { 'unembed.W_U': [dModel, vocabularySize] }),
    ...(config.unembeddingBias && { 'unembed.b_U': [vocabularySize] }),
  };
}

function blockShapes(config: TransformerConfig): Record<string, FixedShape> {
  const { dModel, headWidth, mlp, postNorms } = config;
  const queries = config.heads * headWidth;
  const keys = config.keyValueHeads * headWidth;
  const { biases, queryKeyNorm } = config.attention;
  return {
    ...(hasNorms(config) && normShapes(config, 'ln1', dModel)),
    'attn.W_Q': [dModel, queries],
    'attn.W_K': [dModel, keys],
    'attn.W_V': [dModel, keys],
    'attn.W_O': [queries, dModel],
    ...(biases.q && { 'attn.b_Q': [queries] }),
    ...(biases.k && { 'attn.b_K': [keys] }),
    ...(biases.v && { 'attn.b_V': [keys] }),
    ...(biases.o && { 'attn.b_O': [dModel] }),
    ...(queryKeyNorm && { 'attn.q_norm.w': [headWidth], 'attn.k_norm.w': [headWidth] }),
    ...(postNorms && normShapes(config, 'ln1_post', dModel)),
    ...(mlp && hasNorms(config) && normShapes(config, 'ln2', dModel)),
    ...(mlp && mlpShapes(config)),
    ...(mlp && postNorms && normShapes(config, 'ln2_post', dModel)),
  };
}

function mlpShapes({ dModel, dMlp, mlp }: TransformerConfig): Record<string, FixedShape> {
  return {
    'mlp.W_in': [dModel, dMlp],
    ...(mlp?.gated && { 'mlp.W_gate': [dModel, dMlp] }),
    'mlp.W_out': [dMlp, dModel],
    ...(mlp?.biases && { 'mlp.b_in': [dMlp], ...(mlp.gated && { 'mlp.b_gate': [dMlp] }), 'mlp.b_out': [dModel] }),
  };
}

const normShapes = ({ norm }: TransformerConfig, name: string, width: number): Record<string, FixedShape> => ({
  [`${name}.w`]: [width],
  ...(norm === 'layerNorm' && { [`${name}.b`]: [width] }),
});
