/**
 * Sets all of `weights` to 0 but the greatest ones that together measure at least `target`; of equal ones the first are kept.
 * A quickselect: vocabularies are large, and what is kept of them is little.
 */
export function keepGreatest(weights: Float64Array, target: number, measure: (weight: number) => number): void {
  // Zeros stay as they are, whether kept or not.
  let candidates = weights.filter((weight) => weight > 0);
  let rest = target;
  let cutoff = 0;
  while (candidates.length > 0) {
    const pivot = medianOfThree(candidates);
    let above = 0;
    let equal = 0;
    for (const weight of candidates)
      if (weight > pivot) above += measure(weight);
      else if (weight === pivot) equal += measure(weight);
    if (above >= rest) candidates = candidates.filter((weight) => weight > pivot);
    else if (above + equal >= rest) {
      cutoff = pivot;
      rest -= above;
      break;
    } else {
      rest -= above + equal;
      candidates = candidates.filter((weight) => weight < pivot);
    }
  }
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    if (weight > cutoff) continue;
    if (weight === cutoff && rest > 0) rest -= measure(weight);
    else weights[i] = 0;
  }
}

function medianOfThree(values: Float64Array): number {
  const three = [values[0]!, values[values.length >> 1]!, values[values.length - 1]!];
  return three.sort((a, b) => a - b)[1]!;
}
