// Attention of one new token against a cache of earlier keys and values.
import { fixedDim, formatShape, sameShape } from '../dims.ts';
import { ShapeError } from '../errors.ts';
import { add, constant, equal, fused, greater, matmul, mul, reshape, softmax, sub, where } from '../ops/index.ts';
import type { Traced } from '../trace.ts';
import { softCap } from './activations.ts';
import { splitHeads } from './attention.ts';
import { attentionAttributes } from './attention-options.ts';
import type { AttentionOptions } from './attention-options.ts';

export interface CachedAttention {
  /** [batch, 1, heads * headWidth] */
  mixed: Traced;
  /** The caches with the new token in them: [batch, keyValueHeads, context, headWidth]. */
  keys: Traced;
  values: Traced;
}

/**
 * One decoding step of {@link attention} (the cache tells the number of key heads).
 * q [batch, 1, heads * headWidth], k and v [batch, 1, keyValueHeads * headWidth] of the token at `position`, int [1] or,
 * where rows are of different lengths, [batch]; pastKeys and pastValues [batch, keyValueHeads, context, headWidth].
 * Entries behind `position` are never read. Keep the caches as compile option `state`: the executor then updates them in place.
 */
export function cachedAttention(
  q: Traced,
  k: Traced,
  v: Traced,
  pastKeys: Traced,
  pastValues: Traced,
  position: Traced,
  heads: number,
  options: AttentionOptions = {},
): CachedAttention {
  const kind = 'cachedAttention';
  if (pastKeys.shape.length !== 4 || q.shape.length !== 3 || q.shape[1] !== 1) {
    const shapes = `${formatShape(q.shape)} and ${formatShape(pastKeys.shape)}`;
    throw new ShapeError(`${kind}: expected q [batch, 1, width] and a cache of four axes, got ${shapes}`);
  }
  const batch = q.shape[0]!;
  const keyValueHeads = fixedDim(pastKeys.shape[1], `${kind}: the number of key heads`);
  const context = fixedDim(pastKeys.shape[2], `${kind}: the context`);
  const attributes = attentionAttributes(kind, q, heads, { keyValueHeads, ...options }, context);
  const { headWidth, scale, softCap: cap, window } = attributes;
  const fresh = [batch, 1, keyValueHeads * headWidth];
  const cache = [batch, keyValueHeads, context, headWidth];
  const given = [k, v, pastKeys, pastValues];
  [fresh, fresh, cache, cache].forEach((expected, i) => {
    if (attributes.keyValueHeads === keyValueHeads && sameShape(given[i]!.shape, expected)) return;
    const what = ['k', 'v', 'pastKeys', 'pastValues'][i]!;
    throw new ShapeError(`${kind}: expected ${what} ${formatShape(expected)}, got ${formatShape(given[i]!.shape)}`);
  });
  if (position.dtype !== 'int' || !(sameShape(position.shape, [1]) || sameShape(position.shape, [batch]))) {
    const shape = `${position.dtype} ${formatShape(position.shape)}`;
    throw new ShapeError(`${kind}: expected position int [1] or ${formatShape([batch])}, got ${shape}`);
  }

  const inputs = [q, k, v, pastKeys, pastValues, position];
  const slots = constant(
    Int32Array.from({ length: context }, (_, i) => i),
    [context],
  );
  const perRow = (position: Traced) => reshape(position, [position.shape[0]!, 1, 1, 1]);
  const put = (fresh: Traced, past: Traced, position: Traced) =>
    where(equal(reshape(slots, [context, 1]), perRow(position)), splitHeads(fresh, keyValueHeads), past);
  const keys = fused('cachedKeys', inputs, attributes, ([, k, , past, , position]) => put(k!, past!, position!));
  const values = fused('cachedValues', inputs, attributes, ([, , v, , past, position]) => put(v!, past!, position!));
  const mixed = fused('cachedAttention', inputs, attributes, ([q, k, v, pastKeys, pastValues, position]) => {
    const at = perRow(position!);
    const later = where(greater(slots, at), -1e30, 0); // [1 or batch, 1, 1, context]
    const mask = window > 0 ? where(greater(slots, sub(at, window)), later, -1e30) : later;
    // With one query, a group's heads can stand in the place of its queries.
    const queries = reshape(q!, [batch, keyValueHeads, heads / keyValueHeads, headWidth]);
    const scores = mul(matmul(queries, put(k!, pastKeys!, position!), { transposeB: true }), scale);
    const pattern = softmax(add(cap > 0 ? softCap(scores, cap) : scores, mask));
    const mixed = matmul(pattern, put(v!, pastValues!, position!)); // [batch, keyValueHeads, heads of a group, headWidth]
    return reshape(mixed, [batch, 1, heads * headWidth]);
  });
  return { mixed, keys, values };
}
