/**
 * Whether a sentencepiece vocabulary lets words be merged one by one: no token holds the space mark after another
 * character, and so no merge ever joins the end of one word to the start of the next.
 */
export function splitsAtSpaces(vocabulary: unknown): boolean {
  if (typeof vocabulary !== 'object' || vocabulary === null) return false;
  return Object.keys(vocabulary).every((token) => !/[^\u2581]\u2581/.test(token));
}
