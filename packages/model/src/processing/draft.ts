import type { TransformerConfig } from '../transformer/config.ts';

/** A config and its weights while they are rewritten. Arrays are replaced, never written to: the caller's stay as they are. */
export interface Draft {
  config: TransformerConfig;
  readonly weights: Record<string, Weight>;
}
export interface Weight {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** The names of a config's blocks: "blocks.0", "blocks.1", … */
export const blockNames = ({ layers }: TransformerConfig): string[] =>
  Array.from({ length: layers }, (_, layer) => `blocks.${layer}`);

/** Every entry by what `f` makes of it; `row` and `column` count in the last two axes. */
export function mapMatrix({ data, shape }: Weight, f: (value: number, row: number, column: number) => number): Weight {
  const columns = shape.at(-1)!;
  const mapped = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) mapped[i] = f(data[i]!, Math.floor(i / columns), i % columns);
  return { data: mapped, shape };
}

/** Sums of the rows of a matrix [rows, columns], each times its factor: [columns], in float64. */
export function weightedRowSum({ data, shape }: Weight, factors: ArrayLike<number>): Float64Array {
  const columns = shape.at(-1)!;
  const sums = new Float64Array(columns);
  for (let row = 0; row < data.length / columns; row++)
    for (let column = 0; column < columns; column++) sums[column]! += factors[row]! * data[row * columns + column]!;
  return sums;
}

/** A bias [width] of a draft plus `addend`; one that is not there is 0. */
export function addToBias({ weights }: Draft, name: string, addend: Float64Array): void {
  const before = weights[name]?.data;
  weights[name] = { data: Float32Array.from(addend, (x, i) => x + (before?.[i] ?? 0)), shape: [addend.length] };
}

/** Makes the unembedding a weight of its own, so that what happens to the embedding leaves it alone. */
export function untie(draft: Draft): void {
  const { dModel, vocabularySize, tied } = draft.config;
  if (!tied) return;
  const { data } = draft.weights['embed.W_E']!;
  const shape = [dModel, vocabularySize];
  const turned = mapMatrix({ data, shape }, (_, i, token) => data[token * dModel + i]!);
  draft.weights['unembed.W_U'] = turned;
  draft.config = { ...draft.config, tied: false };
}
