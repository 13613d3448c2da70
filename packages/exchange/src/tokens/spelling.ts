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

const dashboardCharacters = byteCharacters.map((char, byte) =>
  [0x20, 0x0a, 0x09].includes(byte) ? String.fromCharCode(byte) : char,
);

function spelledBy(characters: readonly string[], bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += characters[byte]!;
  return text;
}

const byteLevel = (bytes: Uint8Array): string => spelledBy(byteCharacters, bytes);

/** What SAEDashboard 0.8.0 (neuronpedia_runner.py) and sae_vis 0.3.7 (utils_fns.py) put right besides white space. */
const marks: readonly (readonly [string, string])[] = (
  [
    ['\u2014', '\u2014'],
    ['\u2013', '\u2013'],
    ['\u201c', '\u201c'],
    ['\u201d', '\u201d'],
    ['\u2018', '\u2018'],
    ['\u2019', '\u2019'],
    // A space of no width becomes one of some.
    ['\u200b', ' '],
  ] as const
).map(([text, shown]) => [byteLevel(Buffer.from(text)), shown]);

/** All of them are U+20xx. */
const markStart = byteLevel(Uint8Array.of(0xe2, 0x80));

function dashboard(bytes: Uint8Array): string {
  const text = spelledBy(dashboardCharacters, bytes);
  return text.includes(markStart) ? marks.reduce((so, [from, to]) => so.replaceAll(from, to), text) : text;
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
