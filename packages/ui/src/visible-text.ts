/**
 * Characters that a reader cannot see, or that would reorder the text around them (bidirectional controls):
 * each is replaced by a mark, so that a token shows what it holds and nothing else.
 */
const unseen = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

const markOf = (character: string): string => {
  const code = character.codePointAt(0)!;
  if (code === 9) return '⇥';
  if (code < 32) return String.fromCodePoint(0x2400 + code);
  return '◌';
};

/**
 * A token's text inside running text: spaces stay, newlines are marked and kept for the caller to break at.
 *
 * @example visibleText('a\n') // "a↵\n"
 */
export const visibleText = (text: string): string => text.replace(unseen, markOf).replaceAll('\n', '↵\n');

/**
 * A token's text on its own: its outer spaces are marked too, since nothing else would show them.
 *
 * @example visibleToken(' upon') // "␣upon"
 */
export const visibleToken = (text: string): string =>
  visibleText(text)
    .replaceAll('\n', '')
    .replace(/^ +| +$/g, (spaces) => '␣'.repeat(spaces.length));
