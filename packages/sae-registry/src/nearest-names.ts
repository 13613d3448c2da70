/**
 * The names most like a wrong one, best first: those that contain it or are contained, then by edit distance; none that
 * would need more than half of its characters changed.
 *
 * @example nearestNames('gpt2-smal-res-jb', ['gpt2-small-res-jb', 'gemma-2b-res-jb'], 1) // ['gpt2-small-res-jb']
 */
export function nearestNames(wrong: string, names: readonly string[], count: number): string[] {
  const wanted = wrong.toLowerCase();
  return names
    .map((name) => ({ name, distance: distanceBetween(wanted, name.toLowerCase()) }))
    .filter(({ distance }) => distance <= wanted.length / 2)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map(({ name }) => name);
}

function distanceBetween(a: string, b: string): number {
  if (a !== '' && (a.includes(b) || b.includes(a))) return Math.abs(a.length - b.length) / 1000;
  return editDistance(a, b);
}

/** Another layer is further off than another word. */
const weight = (character: string): number => (character >= '0' && character <= '9' ? 2 : 1);

/** Levenshtein: insertions, deletions and replacements from one to the other, digits counted twice. */
function editDistance(a: string, b: string): number {
  let previous = [0];
  for (const character of b) previous.push(previous.at(-1)! + weight(character));
  for (const removed of a) {
    const current = [previous[0]! + weight(removed)];
    for (const [column, added] of [...b].entries()) {
      const replaced = removed === added ? 0 : Math.max(weight(removed), weight(added));
      current.push(
        Math.min(
          previous[column]! + replaced,
          previous[column + 1]! + weight(removed),
          current[column]! + weight(added),
        ),
      );
    }
    previous = current;
  }
  return previous[b.length]!;
}
