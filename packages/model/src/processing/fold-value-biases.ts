import { addToBias, blockNames, weightedRowSum, type Draft } from './draft.ts';

/**
 * Moves b_V through W_O into b_O: a pattern's weights add to 1, so that values carry their bias to z unchanged. `hook_v` and
 * `hook_z` lose b_V; what attention gives stays the same.
 */
export function foldValueBiases(draft: Draft): void {
  const { config, weights } = draft;
  if (!config.attention.biases.v) return;
  const { heads, keyValueHeads, headWidth, attention } = config;
  for (const block of blockNames(config)) {
    const values = weights[`${block}.attn.b_V`]!.data;
    // Every query head of a group reads the same values.
    const perHead = Float64Array.from({ length: heads * headWidth }, (_, i) => {
      const group = Math.floor(i / headWidth / (heads / keyValueHeads));
      return values[group * headWidth + (i % headWidth)]!;
    });
    addToBias(draft, `${block}.attn.b_O`, weightedRowSum(weights[`${block}.attn.W_O`]!, perHead));
    delete weights[`${block}.attn.b_V`];
  }
  draft.config = { ...config, attention: { ...attention, biases: { ...attention.biases, v: false, o: true } } };
}
