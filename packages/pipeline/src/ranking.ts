/**
 * The best `size` of the items 0 … count − 1, best first, in one pass and without sorting them all.
 *
 * @param better whether item a stands before item b; must be a strict total order, so that the answer is unique
 * @example bestOf(4, 2, (a, b) => heights[a]! > heights[b]!) // the two highest
 */
export function bestOf(count: number, size: number, better: (a: number, b: number) => boolean): number[] {
  const best: number[] = [];
  for (let item = 0; item < count; item++) {
    if (best.length === size) {
      if (size === 0 || !better(item, best[size - 1]!)) continue;
      best.pop();
    }
    let at = best.length;
    while (at > 0 && better(item, best[at - 1]!)) at--;
    best.splice(at, 0, item);
  }
  return best;
}
