/**
 * How near a word is to a typed term, both folded: 0 the same, 1 begins with it, 2 contains it or differs by one
 * typing error, 3 differs by two; null for anything else.
 */
export type Closeness = 0 | 1 | 2 | 3;

/** Typing errors forgiven in a term of this many letters: short words are soon somebody else's. */
const errorsAllowed = (length: number): number => (length < 3 ? 0 : length < 7 ? 1 : 2);

/** @example closeness('brige', 'bridge') // 2 */
export function closeness(term: string, word: string): Closeness | null {
  if (word === term) return 0;
  const letters = [...term];
  // Two letters begin far too many words.
  if (letters.length >= 3 && word.startsWith(term)) return 1;
  if (letters.length >= 3 && word.includes(term)) return 2;
  const errors = editDistance(letters, [...word]);
  if (errors > errorsAllowed(letters.length)) return null;
  return errors === 1 ? 2 : 3;
}

/** Letters to insert, remove, replace or swap with their neighbour (optimal string alignment). */
export function editDistance(a: readonly string[], b: readonly string[]): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, beforeLast[j - 2]! + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
