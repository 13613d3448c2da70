import { blockNames, mapMatrix, untie, type Draft, type Weight } from './draft.ts';

/**
 * Takes the mean over d_model off everything that writes into the residual stream: each value there loses its mean, which a
 * LayerNorm does not see. Only for LayerNorm models.
 */
export function centerWritingWeights(draft: Draft): void {
  const { config, weights } = draft;
  if (config.norm !== 'layerNorm')
    throw new Error(`centerWritingWeights: ${config.architecture} has no LayerNorm, and so would become another model`);
  untie(draft);
  const writers = blockNames(config).flatMap((block) =>
    ['attn.W_O', 'attn.b_O', 'mlp.W_out', 'mlp.b_out'].map((name) => `${block}.${name}`),
  );
  for (const name of ['embed.W_E', 'pos_embed.W_pos', ...writers])
    if (weights[name]) weights[name] = withoutRowMeans(weights[name]);
}

/** Takes the mean over the vocabulary off W_U and b_U: logits lose a constant per token, probabilities stay the same. */
export function centerUnembed(draft: Draft): void {
  const { config, weights } = draft;
  if (config.logitSoftCap !== null)
    throw new Error(`centerUnembed: ${config.architecture} caps its logits, and so would become another model`);
  untie(draft);
  for (const name of ['unembed.W_U', 'unembed.b_U']) if (weights[name]) weights[name] = withoutRowMeans(weights[name]);
}

/** Every row along the last axis without its mean. */
function withoutRowMeans(weight: Weight): Weight {
  const width = weight.shape.at(-1)!;
  const means = Float64Array.from(
    { length: weight.data.length / width },
    (_, row) => weight.data.subarray(row * width, (row + 1) * width).reduce((sum, x) => sum + x, 0) / width,
  );
  return mapMatrix(weight, (value, row) => value - means[row]!);
}
