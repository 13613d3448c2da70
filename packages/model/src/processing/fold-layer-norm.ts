import type { TransformerConfig } from '../transformer/config.ts';
import { addToBias, blockNames, mapMatrix, untie, weightedRowSum, type Draft } from './draft.ts';

/** A matrix that reads a norm, and the bias that stands behind it. */
type Reader = readonly [matrix: string, bias: string];

/**
 * Moves the gains and biases of ln1, ln2 and ln_final into the matrices that read them, and takes the mean over d_model off
 * those columns, which a LayerNorm's output does not see. Logits stay the same; values behind the norms' gains do not.
 */
export function foldLayerNorm(draft: Draft): void {
  const { config } = draft;
  if (config.norm === 'none' || !config.normWeights) return;
  untie(draft);
  for (const block of blockNames(config)) {
    fold(
      draft,
      `${block}.ln1`,
      ['Q', 'K', 'V'].map((part) => [`${block}.attn.W_${part}`, `${block}.attn.b_${part}`]),
    );
    if (config.mlp) fold(draft, `${block}.ln2`, mlpReaders(block, config.mlp.gated));
  }
  if (config.finalNorm) fold(draft, 'ln_final', [['unembed.W_U', 'unembed.b_U']]);
  draft.config = foldedConfig(draft.config);
  addMissingBiases(draft);
}

const mlpReaders = (block: string, gated: boolean): Reader[] => [
  [`${block}.mlp.W_in`, `${block}.mlp.b_in`],
  ...(gated ? [[`${block}.mlp.W_gate`, `${block}.mlp.b_gate`] satisfies Reader] : []),
];

function fold(draft: Draft, norm: string, readers: readonly (readonly string[])[]): void {
  const { weights, config } = draft;
  const gain = weights[`${norm}.w`]!.data;
  const bias = weights[`${norm}.b`]?.data;
  for (const [matrix, biasName] of readers as readonly Reader[]) {
    if (bias) addToBias(draft, biasName, weightedRowSum(weights[matrix]!, bias));
    weights[matrix] = mapMatrix(weights[matrix]!, (value, row) => value * gain[row]!);
    if (config.norm === 'layerNorm') centreColumns(draft, matrix);
  }
  delete weights[`${norm}.w`];
  delete weights[`${norm}.b`];
}

/** Takes the mean over d_model off every column of a matrix [d_model, out]. */
function centreColumns({ weights }: Draft, name: string): void {
  const matrix = weights[name]!;
  const rows = matrix.shape[0]!;
  const means = weightedRowSum(matrix, new Float64Array(rows).fill(1 / rows));
  weights[name] = mapMatrix(matrix, (value, _, column) => value - means[column]!);
}

/** Folding a LayerNorm gives every reader a bias. */
function foldedConfig(config: TransformerConfig): TransformerConfig {
  const folded = { ...config, normWeights: false };
  if (config.norm !== 'layerNorm') return folded;
  const { attention, mlp } = config;
  return {
    ...folded,
    attention: { ...attention, biases: { ...attention.biases, q: true, k: true, v: true } },
    mlp: mlp && { ...mlp, biases: true },
    unembeddingBias: config.unembeddingBias || config.finalNorm,
  };
}

/** Models without biases have none behind W_out either; `biases` speaks of the MLP as a whole. */
function addMissingBiases(draft: Draft): void {
  const { mlp, dModel } = draft.config;
  if (!mlp?.biases) return;
  for (const block of blockNames(draft.config)) addToBias(draft, `${block}.mlp.b_out`, new Float64Array(dModel));
}
