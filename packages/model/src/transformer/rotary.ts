import * as op from '@monosema/engine';
import type { Traced } from '@monosema/engine';

/** Rotary positions (Su et al. 2021, arXiv:2104.09864): pairs of a head's entries turn by position × frequency. */
export interface Rotary {
  readonly kind: 'rotary';
  /** How many of a head's entries turn, from the first on; the others stay (GPT-NeoX's rotary_pct). */
  readonly width: number;
  /** Entry 2i turns with 2i + 1; otherwise i with i + width / 2, as in transformers' Llama and GPT-NeoX. */
  readonly adjacentPairs: boolean;
  /** Angle per position of each pair, [width / 2], any scaling applied: `rotaryFrequencies`, `scaledFrequencies`. */
  readonly frequencies: Float64Array;
  /** What cosines and sines are multiplied by (YaRN); 1 otherwise. */
  readonly attentionFactor: number;
}

/** Cosines and sines that turn the heads of the tokens at hand: [length, 1, width] each, or [rows, 1, 1, width]. */
export interface Rotation {
  readonly rotary: Rotary;
  readonly cosine: Traced;
  readonly sine: Traced;
}

/** theta^(−2i / width) for i below width / 2. */
export const rotaryFrequencies = (width: number, theta: number): Float64Array =>
  Float64Array.from({ length: width / 2 }, (_, i) => theta ** ((-2 * i) / width));

/** The rotation of positions 0 to `length` − 1. */
export const rotationOf = (rotary: Rotary, length: number): Rotation => ({
  rotary,
  cosine: table(rotary, length, Math.cos),
  sine: table(rotary, length, Math.sin),
});

/** The rotation of one position below `slots`: int [1], the same for all rows, or [batch]. */
export function rotationAt(rotary: Rotary, slots: number, position: Traced): Rotation {
  const rows = (f: (angle: number) => number): Traced =>
    op.reshape(op.gatherRows(table(rotary, slots, f), position), [position.shape[0]!, 1, 1, rotary.width]);
  return { rotary, cosine: rows(Math.cos), sine: rows(Math.sin) };
}

function table(rotary: Rotary, length: number, f: (angle: number) => number): Traced {
  const { width, adjacentPairs, frequencies, attentionFactor } = rotary;
  const values = Float64Array.from({ length: length * width }, (_, i) => {
    const entry = i % width;
    const pair = adjacentPairs ? entry >> 1 : entry % (width / 2);
    return f(Math.floor(i / width) * frequencies[pair]!) * attentionFactor;
  });
  return op.constant(values, [length, 1, width]);
}

/** x [batch, length, heads, head_width], turned: x cos + (x's partners, those that turn away negated) sin. */
export function rotate(x: Traced, { rotary: { width, adjacentPairs }, cosine, sine }: Rotation): Traced {
  const headWidth = x.shape.at(-1) as number;
  const turning = op.slice(x, -1, 0, width);
  const partners = adjacentPairs ? adjacentPartners(turning) : halfPartners(turning);
  const turned = op.add(op.mul(turning, cosine), op.mul(partners, sine));
  return width === headWidth ? turned : op.concat([turned, op.slice(x, -1, width, headWidth)], -1);
}

function halfPartners(x: Traced): Traced {
  const width = x.shape.at(-1) as number;
  return op.concat([op.neg(op.slice(x, -1, width / 2, width)), op.slice(x, -1, 0, width / 2)], -1);
}

function adjacentPartners(x: Traced): Traced {
  const width = x.shape.at(-1) as number;
  const pairs = op.reshape(x, [...x.shape.slice(0, -1), width / 2, 2]);
  return op.reshape(op.concat([op.neg(op.slice(pairs, -1, 1, 2)), op.slice(pairs, -1, 0, 1)], -1), x.shape);
}
