import * as op from '@monosema/engine';
import type { Traced } from '@monosema/engine';
import type { LlamaConfig } from './config.ts';

/** Cosines and sines that turn the heads of the tokens at hand: [length, 1, head_width] each. */
export interface Rotation {
  readonly cosine: Traced;
  readonly sine: Traced;
}

/**
 * Rotary positions (Su et al. 2021, arXiv:2104.09864) in transformers' form: entry i of a head turns with entry
 * i + head_width / 2, by position × theta^(−2i / head_width).
 */
function table({ headWidth, contextSize, ropeTheta }: LlamaConfig, f: (angle: number) => number): Traced {
  const half = headWidth / 2;
  const values = Float64Array.from({ length: contextSize * headWidth }, (_, i) => {
    const position = Math.floor(i / headWidth);
    return f(position * ropeTheta ** (-((i % half) * 2) / headWidth));
  });
  return op.constant(values, [contextSize, 1, headWidth]);
}

/** The rotation of positions 0 to `length` − 1. */
export function rotationOf(config: LlamaConfig, length: number): Rotation {
  const rows = { ...config, contextSize: length };
  return { cosine: table(rows, Math.cos), sine: table(rows, Math.sin) };
}

/** The rotation of one position [1] int. */
export function rotationAt(config: LlamaConfig, position: Traced): Rotation {
  return {
    cosine: op.gatherRows(table(config, Math.cos), position),
    sine: op.gatherRows(table(config, Math.sin), position),
  };
}

/** x [batch, length, heads, head_width], turned: x cos + (−x₂, x₁) sin. */
export function rotate(x: Traced, { cosine, sine }: Rotation): Traced {
  const width = cosine.shape.at(-1) as number;
  const first = op.slice(x, -1, 0, width / 2);
  const second = op.slice(x, -1, width / 2, width);
  return op.add(op.mul(x, cosine), op.mul(op.concat([op.neg(second), first], -1), sine));
}
