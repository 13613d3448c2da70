/** A piece of a steered continuation: as in the baseline so far, different, or a word that the baseline never says. */
export interface SteeredPiece {
  kind: 'same' | 'changed' | 'new';
  text: string;
}

const wordsOf = (text: string): string[] => text.match(/\s*\S+|\s+$/g) ?? [];
const bare = (word: string): string => word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/**
 * What steering changed. Two continuations of a prompt share their beginning and then go their own ways, so a
 * word-by-word alignment after that point says little; what tells is where they part, and which words are new.
 *
 * @example steeredPieces('a big dog', 'a big red car') // same "a big", new " red car"
 */
export function steeredPieces(baseline: string, steered: string): SteeredPiece[] {
  const before = wordsOf(baseline);
  const said = new Set(before.map(bare));
  const pieces: SteeredPiece[] = [];
  let together = true;
  wordsOf(steered).forEach((word, i) => {
    together &&= word.trim() === before[i]?.trim();
    const kind = together ? 'same' : said.has(bare(word)) ? 'changed' : 'new';
    const last = pieces.at(-1);
    if (last?.kind === kind) last.text += word;
    else pieces.push({ kind, text: word });
  });
  return pieces;
}
