import type { TokenValue } from '@monosema/catalog';
import { bestOf } from './ranking.ts';

/**
 * The tokens with the largest sums, best first; equal sums by token id.
 *
 * @param tokens token of each firing
 * @param values its activation
 * @example topTokensOf([5, 9, 5], [1, 1.5, 1], 1) // [{ token: 5, value: 2 }]
 */
export function topTokensOf(tokens: ArrayLike<number>, values: ArrayLike<number>, size: number): TokenValue[] {
  const sums = new Map<number, number>();
  for (let i = 0; i < tokens.length; i++) sums.set(tokens[i]!, (sums.get(tokens[i]!) ?? 0) + values[i]!);
  const entries = [...sums].map(([token, value]) => ({ token, value }));
  const better = (a: number, b: number): boolean => {
    const [x, y] = [entries[a]!, entries[b]!];
    return x.value > y.value || (x.value === y.value && x.token < y.token);
  };
  return bestOf(entries.length, size, better).map((i) => entries[i]!);
}
