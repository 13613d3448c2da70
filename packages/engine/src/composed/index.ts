export { gelu, geluTanh, silu, softCap } from './activations.ts';
export { attention, causalMask, maskedAttention, mergeHeads, splitHeads } from './attention.ts';
export type { AttentionOptions } from './attention-options.ts';
export { cachedAttention } from './cached-attention.ts';
export type { CachedAttention } from './cached-attention.ts';
export { mean, square } from './mean.ts';
export { layerNorm, rmsNorm } from './normalisation.ts';
