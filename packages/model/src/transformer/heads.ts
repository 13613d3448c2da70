import * as op from '@monosema/engine';
import type { Dim, Traced } from '@monosema/engine';

/** [batch, length, heads * head_width] → [batch, length, heads, head_width] */
export function splitHeads(x: Traced, heads: number): Traced {
  const [batch, length, width] = x.shape;
  return op.reshape(x, [batch!, length!, heads, (width as number) / heads]);
}

/** [batch, length, heads, head_width] → [batch, length, heads * head_width] */
export function joinHeads(x: Traced): Traced {
  const [batch, length, heads, headWidth] = x.shape;
  return op.reshape(x, [batch!, length!, (heads as number) * (headWidth as number)]);
}

/** [batch, length, heads, width] ⇄ [batch, heads, length, width] */
export const swapHeadsAndLength = (x: Traced): Traced => op.transpose(x, [0, 2, 1, 3]);

/** x [batch, length, width] once for every head: [batch, length, heads, width]. */
export function forEachHead(x: Traced, heads: number): Traced {
  const [batch, length, width] = x.shape as [Dim, Dim, Dim];
  return op.broadcast(op.reshape(x, [batch, length, 1, width]), [batch, length, heads, width]);
}

/** Every head through a matrix of its own: x [batch, length, heads, in], W [heads, in, out] → [batch, length, heads, out]. */
export const perHead = (x: Traced, matrices: Traced): Traced =>
  swapHeadsAndLength(op.matmul(swapHeadsAndLength(x), matrices));
