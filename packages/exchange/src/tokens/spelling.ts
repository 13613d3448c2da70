import type { Vocabulary } from '@monosema/catalog';

/**
 * How an import spells tokens:
 *
 * - `text`: as the text that they are
 * - `byte-level`: as the vocabularies of GPT-2 and its like do, a character per byte (`Ġthe`)
 * - `saedashboard`: the same, with spaces, line feeds, tabs and the commonest dashes and quotes put right
 * - `sae-vis`: the same, with `\n` and `\t` as two characters each
 * - `sentencepiece`: with `▁` for a space and `<0x0A>` for a byte
 */
export const tokenSpellings = ['saedashboard', 'text', 'sentencepiece', 'byte-level', 'sae-vis'] as const;
export type TokenSpelling = (typeof tokenSpellings)[number];

/** GPT-2's character of each byte: printable ones stand for themselves, the others follow from U+0100 on. */
const byteCharacters: readonly string[] = (() => {
  const isPrintable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : next++));
})();

const byteLevel = (bytes: Uint8Array): string => {
  let text = '';
  for (const byte of bytes) text += byteCharacters[byte]!;
  return text;
};

/** Of SAEDashboard 0.8.0 (neuronpedia_runner.py) in its order; sae_vis 0.3.7 (utils_fns.py) differs in the last two. */
const replacements: readonly (readonly [string, string])[] = (
  [
    ['—', '—'],
    ['–', '–'],
    ['“', '“'],
    ['”', '”'],
    ['‘', '‘'],
    ['’', '’'],
    // A space of no width becomes one of some.
    ['\u200b', ' '],
    [' ', ' '],
    ['\n', '\n'],
    ['\t', '\t'],
  ] as const
).map(([text, shown]) => [byteLevel(Buffer.from(text)), shown]);

function dashboard(bytes: Uint8Array): string {
  return replacements.reduce((text, [from, to]) => text.replaceAll(from, to), byteLevel(bytes));
}

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');

/** The spellings of a token; the first is the usual one. */
export function spell(bytes: Uint8Array, spelling: TokenSpelling): string[] {
  switch (spelling) {
    case 'text':
      return [textOf(bytes)];
    case 'byte-level':
      return [byteLevel(bytes)];
    case 'saedashboard':
      return [dashboard(bytes)];
    case 'sae-vis':
      return [dashboard(bytes).replaceAll('\n', '\\n').replaceAll('\t', '\\t')];
    case 'sentencepiece': {
      const text = textOf(bytes).replaceAll(' ', '▁');
      const byte = `<0x${(bytes[0] ?? 0).toString(16).toUpperCase().padStart(2, '0')}>`;
      return bytes.length === 1 ? [text, byte] : [text];
    }
  }
}

/** The ids that each string may stand for. */
export function spellingIndex(vocabulary: Vocabulary, spelling: TokenSpelling): Map<string, number[]> {
  const index = new Map<string, number[]>();
  for (const [id, bytes] of vocabulary.pieces.entries())
    for (const text of spell(bytes, spelling)) {
      const ids = index.get(text);
      if (ids) ids.push(id);
      else index.set(text, [id]);
    }
  return index;
}
