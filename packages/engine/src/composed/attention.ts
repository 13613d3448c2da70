// Multi-head attention: heads lie side by side in the last axis, [batch, length, heads * headWidth].
import { dimProduct, dimQuotient, fixedDim, formatShape } from '../dims.ts';
import { ShapeError } from '../errors.ts';
import { add, constant, fused, matmul, mul, reshape, softmax, transpose } from '../ops/index.ts';
import type { Traced } from '../trace.ts';

function threeAxes(kind: string, x: Traced): void {
  if (x.shape.length !== 3) {
    throw new ShapeError(`${kind}: expected [batch, length, width], got ${formatShape(x.shape)}`);
  }
}

/** [batch, length, heads * headWidth] -> [batch, heads, length, headWidth] */
export function splitHeads(x: Traced, heads: number): Traced {
  threeAxes('splitHeads', x);
  const [batch, length, width] = x.shape;
  return transpose(reshape(x, [batch!, length!, heads, dimQuotient(width!, heads)]), [0, 2, 1, 3]);
}

/** [batch, heads, length, headWidth] -> [batch, length, heads * headWidth] */
export function mergeHeads(x: Traced): Traced {
  const [batch, heads, length, headWidth] = x.shape;
  return reshape(transpose(x, [0, 2, 1, 3]), [batch!, length!, dimProduct(heads!, headWidth!)]);
}

/** 0 where a query may look, a large negative number where not: [length, length]. */
export function causalMask(length: number): Traced {
  const mask = new Float32Array(length * length);
  for (let query = 0; query < length; query++) mask.fill(-1e30, query * length + query + 1, (query + 1) * length);
  return constant(mask, [length, length]);
}

const headScale = (q: Traced, heads: number): number =>
  1 / Math.sqrt(fixedDim(dimQuotient(q.shape[2]!, heads), 'attention: the head width'));

function mix(q: Traced, k: Traced, v: Traced, mask: Traced, heads: number, scale: number): Traced {
  const scores = matmul(mul(splitHeads(q, heads), scale), splitHeads(k, heads), { transposeB: true });
  return mergeHeads(matmul(softmax(add(scores, mask)), splitHeads(v, heads)));
}

/**
 * Causal self-attention, scores scaled by 1/sqrt(headWidth).
 * q, k, v [batch, length, heads * headWidth] -> the same shape; `length` must be fixed.
 */
export function attention(q: Traced, k: Traced, v: Traced, heads: number): Traced {
  threeAxes('attention', q);
  const scale = headScale(q, heads);
  const length = fixedDim(q.shape[1], `attention: the length of ${formatShape(q.shape)}`);
  return fused('attention', [q, k, v], { heads, scale }, ([q, k, v]) =>
    mix(q!, k!, v!, causalMask(length), heads, scale),
  );
}

/**
 * As {@link attention}, but with an additive mask [queries, keys] (0: look, very negative: don't) instead of the causal one.
 * q [batch, queries, width], k and v [batch, keys, width] -> [batch, queries, width].
 */
export function maskedAttention(q: Traced, k: Traced, v: Traced, mask: Traced, heads: number): Traced {
  threeAxes('maskedAttention', q);
  const scale = headScale(q, heads);
  const bias = reshape(mask, [1, 1, ...mask.shape]);
  return fused('maskedAttention', [q, k, v, bias], { heads, scale }, ([q, k, v, bias]) =>
    mix(q!, k!, v!, bias!, heads, scale),
  );
}
