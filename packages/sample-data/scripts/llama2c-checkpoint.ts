import type { NamedArray, NamedArrays } from '@monosema/formats';

export interface Llama2cConfig {
  dim: number;
  hiddenDim: number;
  layers: number;
  heads: number;
  kvHeads: number;
  vocabularySize: number;
  contextSize: number;
}

/**
 * Reads llama2.c's first checkpoint layout (export.py, "legacy"): seven int32, then float32 arrays, each for all layers.
 * Linear weights are [out, in]; a positive vocabulary size says that the embedding is the unembedding too.
 */
export function readLlama2cCheckpoint(bytes: Uint8Array): { config: Llama2cConfig; weights: NamedArrays } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [dim, hiddenDim, layers, heads, kvHeads, vocabularySize, contextSize] = Array.from({ length: 7 }, (_, i) =>
    view.getInt32(4 * i, true),
  ) as [number, number, number, number, number, number, number];
  if (vocabularySize < 0) throw new Error('a checkpoint with an unembedding of its own is not converted');
  const floats = new Float32Array(new Uint8Array(bytes.subarray(28)).buffer);
  const weights: NamedArrays = {};
  let at = 0;
  const take = (...shape: number[]): NamedArray => {
    const start = at;
    at += shape.reduce((product, size) => product * size, 1);
    return { data: floats.slice(start, at), shape };
  };
  const perLayer = (name: string, ...shape: number[]): void => {
    for (let layer = 0; layer < layers; layer++) weights[`layers.${layer}.${name}`] = take(...shape);
  };
  const kvDim = (dim / heads) * kvHeads;
  weights.tok_embeddings = take(vocabularySize, dim);
  perLayer('attention_norm', dim);
  perLayer('wq', dim, dim);
  perLayer('wk', kvDim, dim);
  perLayer('wv', kvDim, dim);
  perLayer('wo', dim, dim);
  perLayer('ffn_norm', dim);
  perLayer('w1', hiddenDim, dim);
  perLayer('w2', dim, hiddenDim);
  perLayer('w3', hiddenDim, dim);
  weights.norm = take(dim);
  // Cosines and sines of the rotary embedding end the file; they follow from its definition.
  at += contextSize * (dim / heads);
  if (at !== floats.length)
    throw new Error(`the checkpoint has ${floats.length} floats, but its header asks for ${at}`);
  return { config: { dim, hiddenDim, layers, heads, kvHeads, vocabularySize, contextSize }, weights };
}
