export interface HighlightPiece {
  text: string;
  matched: boolean;
}

/** Of 0 to 1: at most about one wrong letter in three. */
const similarEnough = 0.4;

/**
 * Cuts a text where a query's words occur in it: exactly, or so similar that the search could have meant them.
 * Agrees in kind, not in every number, with Postgres' trigram word similarity.
 *
 * @example highlightPieces('Golden Gate Bridge', 'goldn brige') // marks "Golden" and "Bridge"
 */
export function highlightPieces(text: string, query: string): HighlightPiece[] {
  const wanted = query.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const pieces: HighlightPiece[] = [];
  const push = (piece: string, matched: boolean): void => {
    if (piece) pieces.push({ text: piece, matched });
  };
  for (const part of text.split(/([\p{L}\p{N}]+)/u)) {
    const word = part.toLowerCase();
    const inside = wanted.find((query) => word === query || (query.length > 2 && word.includes(query)));
    if (inside) {
      const start = word.indexOf(inside);
      push(part.slice(0, start), false);
      push(part.slice(start, start + inside.length), true);
      push(part.slice(start + inside.length), false);
    } else
      push(
        part,
        wanted.some((query) => similarity(query, word) >= similarEnough),
      );
  }
  return pieces;
}

/** Trigrams of the query that the word has, of all the query's. */
function similarity(query: string, word: string): number {
  const have = new Set(trigrams(word));
  const want = trigrams(query);
  return want.filter((gram) => have.has(gram)).length / want.length;
}

/** As in pg_trgm: two spaces before the word, one after. */
function trigrams(word: string): string[] {
  const padded = `  ${word} `;
  return Array.from({ length: padded.length - 2 }, (_, i) => padded.slice(i, i + 3));
}
