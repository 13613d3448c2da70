// Multi-head attention: heads lie side by side in the last axis, [batch, length, heads * headWidth].
import { dimProduct, dimQuotient, fixedDim, formatShape } from '../dims.ts';
import { ShapeError } from '../errors.ts';
import { add, constant, fused, matmul, mul, reshape, softmax, transpose } from '../ops/index.ts';
import type { Traced } from '../trace.ts';
import { softCap } from './activations.ts';
import { attentionAttributes } from './attention-options.ts';
import type { AttentionAttributes, AttentionOptions } from './attention-options.ts';

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

/** 0 where a query may look, a large negative number where not: [length, length]. It sees `window` keys, its own the last. */
export function causalMask(length: number, window: number = length): Traced {
  const mask = new Float32Array(length * length);
  for (let query = 0; query < length; query++) {
    const row = mask.subarray(query * length, (query + 1) * length);
    row.fill(-1e30, query + 1);
    row.fill(-1e30, 0, Math.max(0, query + 1 - window));
  }
  return constant(mask, [length, length]);
}

/** What attention means: q [batch, queries, heads * headWidth], k and v [batch, keys, keyValueHeads * headWidth]. */
function mix(q: Traced, k: Traced, v: Traced, mask: Traced, attributes: AttentionAttributes): Traced {
  const { heads, keyValueHeads, headWidth, scale, softCap: cap } = attributes;
  const [batch, queries] = q.shape;
  const keys = k.shape[1]!;
  // The query heads that share a key head stand as further queries of it.
  const rows = dimProduct(heads / keyValueHeads, queries!);
  const grouped = reshape(splitHeads(mul(q, scale), heads), [batch!, keyValueHeads, rows, headWidth]);
  const products = matmul(grouped, splitHeads(k, keyValueHeads), { transposeB: true });
  const scores = reshape(products, [batch!, heads, queries!, keys]);
  const pattern = softmax(add(cap > 0 ? softCap(scores, cap) : scores, mask));
  const mixed = matmul(reshape(pattern, [batch!, keyValueHeads, rows, keys]), splitHeads(v, keyValueHeads));
  return mergeHeads(reshape(mixed, [batch!, heads, queries!, headWidth]));
}

function checkKeysAndValues(kind: string, q: Traced, k: Traced, v: Traced, attributes: AttentionAttributes): void {
  for (const x of [q, k, v]) threeAxes(kind, x);
  const width = attributes.keyValueHeads * attributes.headWidth;
  if (k.shape[2] !== width || v.shape[2] !== width) {
    const shapes = `${formatShape(k.shape)} and ${formatShape(v.shape)}`;
    throw new ShapeError(
      `${kind}: k and v must be [batch, length, ${width}] beside ${formatShape(q.shape)}, got ${shapes}`,
    );
  }
}

/**
 * Causal self-attention. q [batch, length, heads * headWidth], k and v [batch, length, keyValueHeads * headWidth]
 * -> the shape of q; `length` must be fixed. Errors: ShapeError for shapes or options that do not fit.
 * @example op.attention(q, k, v, 8, { keyValueHeads: 4, softCap: 50, window: 4096 }) // a local layer of Gemma 2
 */
export function attention(q: Traced, k: Traced, v: Traced, heads: number, options: AttentionOptions = {}): Traced {
  threeAxes('attention', q);
  const length = fixedDim(q.shape[1], `attention: the length of ${formatShape(q.shape)}`);
  const attributes = attentionAttributes('attention', q, heads, options, length);
  checkKeysAndValues('attention', q, k, v, attributes);
  return fused('attention', [q, k, v], attributes, ([q, k, v]) =>
    mix(q!, k!, v!, causalMask(length, attributes.window || length), attributes),
  );
}

/**
 * As {@link attention}, but with an additive mask [queries, keys] (0: look, very negative: don't) instead of the causal one.
 * q [batch, queries, width], k and v [batch, keys, width of the key heads] -> the shape of q.
 */
export function maskedAttention(
  q: Traced,
  k: Traced,
  v: Traced,
  mask: Traced,
  heads: number,
  options: Omit<AttentionOptions, 'window'> = {},
): Traced {
  threeAxes('maskedAttention', q);
  const attributes = attentionAttributes('maskedAttention', q, heads, options);
  checkKeysAndValues('maskedAttention', q, k, v, attributes);
  const bias = reshape(mask, [1, 1, ...mask.shape]);
  return fused('maskedAttention', [q, k, v, bias], attributes, ([q, k, v, bias]) => mix(q!, k!, v!, bias!, attributes));
}
