import * as op from '@monosema/engine';
import type { Dim, Traced } from '@monosema/engine';
import type { Hooks } from '../hooks.ts';
import type { TransformerConfig } from './config.ts';
import { joinHeads, splitHeads, swapHeadsAndLength } from './heads.ts';

/** One array per layer, [batch, key_value_heads, length, head_width]; keys are rotated where the model rotates them. */
export interface KeysAndValues {
  readonly keys: readonly Traced[];
  readonly values: readonly Traced[];
}

/** What a token is decoded against. */
export interface DecodeState extends KeysAndValues {
  /**
   * Index of the token in its row: int [1], the same for all rows, or [batch]. Entries of keys and values from there on are
   * not read.
   */
  readonly position: Traced;
}

/** Queries [batch, length, heads, head_width]; keys and values [batch, length, key_value_heads, head_width]; rotated. */
export interface AttentionInputs {
  readonly q: Traced;
  readonly k: Traced;
  readonly v: Traced;
}

/** Mixes the values of a layer: → [batch, length, heads, head_width]. */
export type Attend = (inputs: AttentionInputs, layer: number) => Traced;

const optionsOf = ({ keyValueHeads, attention: { scale, softCap, windows } }: TransformerConfig, layer: number) => ({
  keyValueHeads,
  scale,
  ...(softCap !== null && { softCap }),
  ...(windows[layer] != null && { window: windows[layer] }),
});

/** Attention among the tokens of a row; puts the keys and values of each layer into `made`. */
export function attendWithin(
  config: TransformerConfig,
  hooks: Hooks,
  made: { keys: Traced[]; values: Traced[] },
): Attend {
  const masks = new Map<number | null, Traced>();
  return ({ q, k, v }, layer) => {
    const keys = (made.keys[layer] = swapHeadsAndLength(k));
    const values = (made.values[layer] = swapHeadsAndLength(v));
    const length = q.shape[1] as number;
    const window = config.attention.windows[layer] ?? null;
    const mask = (): Traced => masks.get(window) ?? remember(masks, window, causalMask(length, window ?? length));
    return hooked(config, hooks, layer, { q, keys, values, mask }, () => {
      const mixed = op.attention(joinHeads(q), joinHeads(k), joinHeads(v), config.heads, optionsOf(config, layer));
      return splitHeads(mixed, config.heads);
    });
  };
}

/** Attention of one token per row to those before it; puts each layer's cache with the token in it into `made`. */
export function attendToCache(
  config: TransformerConfig,
  hooks: Hooks,
  past: DecodeState,
  made: { keys: Traced[]; values: Traced[] },
): Attend {
  return ({ q, k, v }, layer) => {
    const { position } = past;
    const step = op.cachedAttention(
      joinHeads(q),
      joinHeads(k),
      joinHeads(v),
      past.keys[layer]!,
      past.values[layer]!,
      position,
      config.heads,
      optionsOf(config, layer),
    );
    const keys = (made.keys[layer] = step.keys);
    const values = (made.values[layer] = step.values);
    const mask = (): Traced => cacheMask(position, keys.shape[2] as number, config.attention.windows[layer] ?? null);
    return hooked(config, hooks, layer, { q, keys, values, mask }, () => splitHeads(step.mixed, config.heads));
  };
}

interface Scored {
  /** [batch, queries, heads, head_width] */
  q: Traced;
  /** [batch, key_value_heads, keys, head_width] */
  keys: Traced;
  values: Traced;
  /** 0 where a query may look, −∞ where not; broadcasts to [batch, heads, queries, keys]. */
  mask(): Traced;
}

/** Scores and pattern [batch, heads, queries, keys] are only made where somebody edits or taps them; else one kernel does all. */
function hooked(config: TransformerConfig, hooks: Hooks, layer: number, scored: Scored, fused: () => Traced): Traced {
  const [scoresName, patternName] = [`blocks.${layer}.attn.hook_attn_scores`, `blocks.${layer}.attn.hook_pattern`];
  if (hooks.isEdited(scoresName, patternName)) {
    const scores = hooks.at(scoresName, scoresOf(config, scored));
    return mix(config, hooks.at(patternName, op.softmax(scores)), scored.values);
  }
  hooks.aside(scoresName, () => scoresOf(config, scored));
  hooks.aside(patternName, () => op.softmax(hooks.taps[scoresName]!));
  return fused();
}

function scoresOf(
  { heads, keyValueHeads, headWidth, attention }: TransformerConfig,
  { q, keys, mask }: Scored,
): Traced {
  const [batch, queries] = q.shape as [Dim, number];
  const count = keys.shape[2]!;
  // The query heads that share a key head stand as further queries of it.
  const grouped = op.reshape(swapHeadsAndLength(q), [
    batch,
    keyValueHeads,
    (heads / keyValueHeads) * queries,
    headWidth,
  ]);
  const products = op.reshape(op.matmul(grouped, keys, { transposeB: true }), [batch, heads, queries, count]);
  const scores = op.mul(products, attention.scale);
  return op.add(attention.softCap === null ? scores : op.softCap(scores, attention.softCap), mask());
}

function mix({ heads, keyValueHeads, headWidth }: TransformerConfig, pattern: Traced, values: Traced): Traced {
  const [batch, , queries, count] = pattern.shape as [Dim, Dim, number, Dim];
  const grouped = op.reshape(pattern, [batch, keyValueHeads, (heads / keyValueHeads) * queries, count]);
  return swapHeadsAndLength(op.reshape(op.matmul(grouped, values), [batch, heads, queries, headWidth]));
}

/** A query sees `window` keys, its own the last of them: [length, length]. */
function causalMask(length: number, window: number): Traced {
  const mask = new Float32Array(length * length).fill(-Infinity);
  for (let query = 0; query < length; query++)
    mask.fill(0, query * length + Math.max(0, query + 1 - window), query * length + query + 1);
  return op.constant(mask, [length, length]);
}

/** As `causalMask` for the query at `position`: [1 or batch, 1, 1, slots]. */
function cacheMask(position: Traced, count: number, window: number | null): Traced {
  const slots = op.constant(
    Int32Array.from({ length: count }, (_, i) => i),
    [count],
  );
  const at = op.reshape(position, [position.shape[0]!, 1, 1, 1]);
  const future = op.where(op.greater(slots, at), -Infinity, 0);
  return window === null ? future : op.add(future, op.where(op.greater(slots, op.sub(at, window)), 0, -Infinity));
}

function remember<K>(known: Map<K, Traced>, key: K, value: Traced): Traced {
  known.set(key, value);
  return value;
}
