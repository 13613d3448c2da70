/**
 * A text as search compares it: without case, accents and surrounding space.
 *
 * @example foldText(' Café') // "cafe"
 */
export const foldText = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trim();

/**
 * The words of a text, folded, each once: what stands between spaces without the punctuation around it, and the parts
 * of what has punctuation inside.
 *
 * @example searchWordsOf("Tim's dogs!") // ["tim's", "tim", "s", "dogs"]
 */
export function searchWordsOf(text: string): string[] {
  const words = new Set<string>();
  for (const piece of foldText(text).split(/\s+/u)) {
    const word = piece.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '');
    if (word === '') continue;
    words.add(word);
    for (const part of word.split(/[^\p{L}\p{N}]+/u)) words.add(part);
  }
  return [...words];
}
