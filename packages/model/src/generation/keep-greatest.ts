/**
 * Sets all of `weights` to 0 but the greatest ones, so many or so much of them that they come to `target`; of equal ones the
 * first are kept. A quickselect: vocabularies are large, and what is kept of them is little.
 */
export function keepGreatest(weights: Float64Array, target: number, by: 'count' | 'weight'): void {
  const one = by === 'count';
  const candidates = weights.slice();
  let count = candidates.length;
  let rest = target;
  let cutoff = 0;
  while (count > 0) {
    const pivot = medianOfThree(candidates, count);
    let [above, equal] = [0, 0];
    for (let i = 0; i < count; i++) {
      const weight = candidates[i]!;
      if (weight > pivot) above += one ? 1 : weight;
      else if (weight === pivot) equal += one ? 1 : weight;
    }
    const goUp = above >= rest;
    if (!goUp && above + equal >= rest) {
      cutoff = pivot;
      rest -= above;
      break;
    }
    if (!goUp) rest -= above + equal;
    let left = 0;
    for (let i = 0; i < count; i++) {
      const weight = candidates[i]!;
      // Zeros are not looked for: they stay as they are, whether kept or not.
      if (goUp ? weight > pivot : weight < pivot && weight > 0) candidates[left++] = weight;
    }
    count = left;
  }
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    if (weight > cutoff) continue;
    if (weight === cutoff && rest > 0) rest -= one ? 1 : weight;
    else weights[i] = 0;
  }
}

function medianOfThree(values: Float64Array, count: number): number {
  const [a, b, c] = [values[0]!, values[count >> 1]!, values[count - 1]!];
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
