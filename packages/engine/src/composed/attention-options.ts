// What attention may vary in between models, and how it is checked.
import { dimQuotient, fixedDim, formatShape } from '../dims.ts';
import { ShapeError } from '../errors.ts';
import type { Traced } from '../trace.ts';

export interface AttentionOptions {
  /** Grouped-query attention: how many heads k and v have; each serves heads / keyValueHeads query heads in a row. As many as q by default. */
  keyValueHeads?: number | undefined;
  /** What scores are multiplied by: 1 / sqrt(head width) by default. */
  scale?: number | undefined;
  /** Scores s become cap * tanh(s / cap) before the mask (Gemma 2); null: none. */
  softCap?: number | null | undefined;
  /** How many keys a query sees, its own among them (a sliding window: Mistral, Gemma 2, GPT-Neo); null: all before it. */
  window?: number | null | undefined;
}

/** The options as attributes of a fused op; 0: no cap, no window. */
export type AttentionAttributes = Readonly<
  Record<'heads' | 'keyValueHeads' | 'headWidth' | 'scale' | 'softCap' | 'window', number>
>;

/** @param keyCount with a window that holds so many keys there is no window */
export function attentionAttributes(
  kind: string,
  q: Traced,
  heads: number,
  { keyValueHeads = heads, scale, softCap, window }: AttentionOptions,
  keyCount = Infinity,
): AttentionAttributes {
  if (!isCount(heads)) throw new ShapeError(`${kind}: heads must be 1 or more, got ${heads}`);
  if (!isCount(keyValueHeads) || heads % keyValueHeads !== 0) {
    throw new ShapeError(`${kind}: keyValueHeads must divide the ${heads} heads, got ${keyValueHeads}`);
  }
  const width = fixedDim(q.shape[2], `${kind}: the width of ${formatShape(q.shape)}`);
  if (width % heads !== 0) throw new ShapeError(`${kind}: ${heads} heads do not divide ${formatShape(q.shape)}`);
  const headWidth = dimQuotient(width, heads) as number;
  if (window != null && !isCount(window)) throw new ShapeError(`${kind}: window must be 1 or more, got ${window}`);
  requirePositive(kind, 'scale', scale);
  requirePositive(kind, 'softCap', softCap);
  return {
    heads,
    keyValueHeads,
    headWidth,
    scale: scale ?? 1 / Math.sqrt(headWidth),
    softCap: softCap ?? 0,
    window: window == null || window >= keyCount ? 0 : window,
  };
}

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 1;

function requirePositive(kind: string, name: string, value: number | null | undefined): void {
  if (value == null || (Number.isFinite(value) && value > 0)) return;
  throw new ShapeError(`${kind}: ${name} must be a positive number, got ${value}`);
}
