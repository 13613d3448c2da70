/**
 * Neighbours in a list of names mostly begin alike. Each is written as how many characters it shares with the one before,
 * a bar, and the rest: a/b, a/c -> "0|a/b", "2|c".
 */
export function writeSharedPrefixes(names: readonly string[]): string[] {
  return names.map((name, at) => {
    const shared = sharedLength(names[at - 1] ?? '', name);
    return `${shared}|${name.slice(shared)}`;
  });
}

/** The names again. @throws Error for an entry that no list gives */
export function readSharedPrefixes(entries: readonly string[]): string[] {
  let previous = '';
  return entries.map((entry) => {
    const bar = entry.indexOf('|');
    const shared = Number(entry.slice(0, Math.max(0, bar)));
    if (bar < 1 || !(shared <= previous.length)) throw new Error(`"${entry}" does not continue "${previous}"`);
    previous = previous.slice(0, shared) + entry.slice(bar + 1);
    return previous;
  });
}

function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
