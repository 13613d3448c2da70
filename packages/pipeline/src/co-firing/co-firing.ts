import type { Correlate } from '@monosema/catalog';
import type { TokenLog } from './token-log.ts';

export interface CoFiringOptions {
  features: number;
  /** Scanned tokens, those on which nothing fires among them. */
  tokens: number;
  /** Length of each list. */
  size: number;
  /** Memory for sums of products; more means fewer readings of the log. Default 128 MiB. */
  memoryBytes?: number;
  signal?: AbortSignal;
}

/** Activations are taken as this many steps of the feature's maximum: products of integers sum up without rounding. */
const steps = 32_767;

/**
 * For every feature those that fire on the same tokens, most correlated first, over the whole SAE and all scanned tokens:
 * Pearson correlation and cosine of the activations, 0 where a feature does not fire.
 *
 * Every pair that ever fires together is counted. Sums of a range of features with all others stand in memory at a time,
 * and the log is read once per range, so that memory is bounded whatever the width. Activations are rounded to a
 * 32,767th of the feature's maximum first; sums of these are integers below 2^53 (8 million tokens on which both
 * features are at their maximum), so the result is the same in whatever order tokens come, and correlations are within
 * 1e-4 of those of the unrounded numbers.
 *
 * @example for (const correlates of coFiring(log, { features: 24_576, tokens: 3_000_000, size: 10 })) …
 */
export function* coFiring(log: TokenLog, options: CoFiringOptions): Generator<Correlate[]> {
  const { features, tokens, size, memoryBytes = 128 * 2 ** 20, signal } = options;
  const totals = totalsOf(log, features);
  const perRange = Math.max(1, Math.min(features, Math.floor(memoryBytes / 8 / features)));
  const products = new Float64Array(perRange * features);
  for (let first = 0; first < features; first += perRange) {
    signal?.throwIfAborted();
    const end = Math.min(features, first + perRange);
    products.fill(0);
    addProducts(log, totals, products, first, end);
    for (let feature = first; feature < end; feature++) {
      const row = products.subarray((feature - first) * features, (feature - first + 1) * features);
      yield strongest(row, feature, totals, tokens, size);
    }
  }
}

interface Totals {
  /** Steps per unit of activation; 0 for a feature that never fires. */
  scale: Float64Array;
  sum: Float64Array;
  squares: Float64Array;
}

function totalsOf(log: TokenLog, features: number): Totals {
  const maximum = new Float32Array(features);
  for (const { words, floats, start, count } of log.read())
    for (let i = start; i < start + 2 * count; i += 2)
      if (floats[i + 1]! > maximum[words[i]!]!) maximum[words[i]!] = floats[i + 1]!;
  const scale = Float64Array.from(maximum, (value) => (value > 0 ? steps / value : 0));
  const [sum, squares] = [new Float64Array(features), new Float64Array(features)];
  for (const { words, floats, start, count } of log.read()) {
    for (let i = start; i < start + 2 * count; i += 2) {
      const feature = words[i]!;
      const level = Math.round(floats[i + 1]! * scale[feature]!);
      sum[feature]! += level;
      squares[feature]! += level * level;
    }
  }
  return { scale, sum, squares };
}

function addProducts(log: TokenLog, { scale }: Totals, products: Float64Array, first: number, end: number): void {
  const features = scale.length;
  let levels = new Float64Array(64);
  for (const { words, floats, start, count } of log.read()) {
    if (levels.length < count) levels = new Float64Array(2 * count);
    let inRange = 0;
    for (let i = 0; i < count; i++) {
      const feature = words[start + 2 * i]!;
      levels[i] = Math.round(floats[start + 2 * i + 1]! * scale[feature]!);
      if (feature >= first && feature < end) inRange++;
    }
    if (inRange === 0) continue;
    for (let i = 0; i < count; i++) {
      const feature = words[start + 2 * i]!;
      if (feature < first || feature >= end) continue;
      const row = (feature - first) * features;
      const level = levels[i]!;
      for (let j = 0; j < count; j++) products[row + words[start + 2 * j]!]! += level * levels[j]!;
    }
  }
}

function strongest(
  products: Float64Array,
  feature: number,
  { sum, squares }: Totals,
  tokens: number,
  size: number,
): Correlate[] {
  const best: Correlate[] = [];
  const spread = (one: number): number => tokens * squares[one]! - sum[one]! ** 2;
  const mine = spread(feature);
  for (let index = 0; index < products.length; index++) {
    const product = products[index]!;
    if (product === 0 || index === feature) continue;
    const pearson = (tokens * product - sum[feature]! * sum[index]!) / Math.sqrt(mine * spread(index));
    if (!(pearson > 0) || (best.length === size && pearson <= best[size - 1]!.pearson)) continue;
    const cosine = product / Math.sqrt(squares[feature]! * squares[index]!);
    if (best.length === size) best.pop();
    let at = best.length;
    while (at > 0 && pearson > best[at - 1]!.pearson) at--;
    best.splice(at, 0, { index, pearson, cosine });
  }
  return best;
}
