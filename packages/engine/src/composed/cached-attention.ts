// Attention of one new token against a cache of earlier keys and values.
import { dimProduct, dimQuotient, fixedDim, formatShape } from '../dims.ts';
import { ShapeError } from '../errors.ts';
import { add, constant, equal, fused, greater, matmul, mul, reshape, softmax, where } from '../ops/index.ts';
import type { Traced } from '../trace.ts';
import { splitHeads } from './attention.ts';

export interface CachedAttention {
  /** [batch, 1, heads * headWidth] */
  mixed: Traced;
  /** The caches with the new token in them: [batch, keyValueHeads, context, headWidth]. */
  keys: Traced;
  values: Traced;
}

/**
 * One decoding step of grouped-query attention (plain multi-head attention where the head counts are equal).
 * q [batch, 1, heads * headWidth], k and v [batch, 1, keyValueHeads * headWidth] of the token at `position` [1] (int);
 * pastKeys and pastValues [batch, keyValueHeads, context, headWidth]. Entries behind `position` are never read.
 * Keep the caches as compile option `state`: the executor then updates them in place.
 */
export function cachedAttention(
  q: Traced,
  k: Traced,
  v: Traced,
  pastKeys: Traced,
  pastValues: Traced,
  position: Traced,
  heads: number,
): CachedAttention {
  if (pastKeys.shape.length !== 4 || q.shape[1] !== 1) {
    const shapes = `${formatShape(q.shape)} and ${formatShape(pastKeys.shape)}`;
    throw new ShapeError(`cachedAttention: expected q [batch, 1, width] and a cache of four axes, got ${shapes}`);
  }
  const [batch, keyValueHeads, context, headWidth] = pastKeys.shape;
  const groups = fixedDim(keyValueHeads, 'cachedAttention: the number of key heads');
  const slotCount = fixedDim(context, 'cachedAttention: the context');
  const cachedHeadWidth = fixedDim(headWidth, 'cachedAttention: the head width');
  const scale = 1 / Math.sqrt(cachedHeadWidth);
  const inputs = [q, k, v, pastKeys, pastValues, position];
  const attributes = { heads, keyValueHeads: groups, cachedHeadWidth, scale };
  const slots = constant(
    Int32Array.from({ length: slotCount }, (_, i) => i),
    [slotCount],
  );
  const put = (fresh: Traced, past: Traced, position: Traced) =>
    where(reshape(equal(slots, position), [slotCount, 1]), splitHeads(fresh, groups), past);

  const keys = fused('cachedKeys', inputs, attributes, ([, k, , past, , position]) => put(k!, past!, position!));
  const values = fused('cachedValues', inputs, attributes, ([, , v, , past, position]) => put(v!, past!, position!));
  const mixed = fused('cachedAttention', inputs, attributes, ([q, k, v, pastKeys, pastValues, position]) => {
    const mask = where(greater(slots, position!), -1e30, 0); // [context]
    // With one query, a group's heads can stand in the place of its queries.
    const queries = reshape(q!, [batch!, groups, dimQuotient(heads, groups), headWidth!]);
    const scores = mul(matmul(queries, put(k!, pastKeys!, position!), { transposeB: true }), scale);
    const mixed = matmul(softmax(add(scores, mask)), put(v!, pastValues!, position!)); // [batch, groups, heads/groups, headWidth]
    return reshape(mixed, [batch!, 1, dimProduct(heads, headWidth!)]);
  });
  return { mixed, keys, values };
}
