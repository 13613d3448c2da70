import type { Tokenizer } from './tokenizer.ts';
import { Utf8Text } from './utf8-text.ts';

/** The part of a text that a token stands for; an empty one where it is not in the text, as BOS put in front. */
export interface TokenSpan {
  /** Of the characters that the token holds or holds a part of: `text.slice(start, end)` (UTF-16 units, as in strings). */
  start: number;
  end: number;
  /** Of its own bytes in the UTF-8 text. */
  byteStart: number;
  byteEnd: number;
}

/**
 * Where the tokens of an encoded text come from. The bytes of tokens are laid beside those of the text; what a tokenizer
 * puts in (a space in front) has no place in the text, what it composes (Unicode NFC) has the place of what was composed.
 *
 * @param ids what `tokenizer.encode(text)` gave, with or without BOS
 * @throws RangeError for an id that the tokenizer does not have
 * @example
 * const ids = tokenizer.encode('naïve', { bos: false });
 * tokenSpans(tokenizer, 'naïve', ids).map(({ start, end }) => 'naïve'.slice(start, end)) // ["na", "ï", "ve"]
 */
export function tokenSpans(tokenizer: Tokenizer, text: string, ids: readonly number[]): TokenSpan[] {
  const { pieces, size } = tokenizer.vocabulary;
  const special = new Set(tokenizer.specialTokens);
  const all = ids.map((id) => {
    const piece = pieces[id];
    if (!piece) throw new RangeError(`token id ${id} is not in the vocabulary of ${size}`);
    return piece;
  });
  const source = new Utf8Text(text);
  const spans: TokenSpan[] = [];
  let at = 0;
  while (spans.length < ids.length) {
    const first = spans.length;
    if (special.has(ids[first]!)) {
      const [byteStart, byteEnd] = placeOfSpecial(source, at, all[first]!, all[first + 1]);
      at = byteEnd;
      spans.push({ ...source.place(byteStart, byteEnd), byteStart, byteEnd });
      continue;
    }
    let last = first + 1;
    while (last < ids.length && !special.has(ids[last]!)) last++;
    const run = all.slice(first, last);
    const { from, to, end } = align(Uint8Array.from(run.flatMap((piece) => Array.from(piece))), source, at);
    let byte = 0;
    for (const { length } of run) {
      const byteStart = from[byte] ?? at;
      const byteEnd = Math.max(byteStart, to[byte + length - 1] ?? at);
      spans.push({ ...source.place(byteStart, byteEnd), byteStart, byteEnd });
      byte += length;
    }
    at = end;
  }
  return spans;
}

/**
 * A special token stands in the text as it is, perhaps after white space that it swallows; or it stands for what no other
 * token could, up to where `next` does; or it is not in the text.
 */
function placeOfSpecial(text: Utf8Text, at: number, piece: Uint8Array, next: Uint8Array | undefined): [number, number] {
  let from = at;
  while (text.isWhiteSpace(from) && !text.startsWith(from, piece)) from += text.characterLength(from);
  if (text.startsWith(from, piece)) return [from, from + piece.length];
  if (at === 0) return [0, 0];
  const until = next && text.indexOf(next, at);
  return [at, until ?? at];
}

/** For each byte of a run of tokens, from where to where it stands in the text; and where the text goes on. */
function align(bytes: Uint8Array, text: Utf8Text, start: number): { from: Uint32Array; to: Uint32Array; end: number } {
  const from = new Uint32Array(bytes.length);
  const to = new Uint32Array(bytes.length);
  let at = start;
  let byte = 0;
  const place = (count: number, length: number): void => {
    from.fill(at, byte, byte + count);
    to.fill(at + length, byte, byte + count);
    byte += count;
    at += length;
  };
  if (leadingSpaces(bytes) > leadingSpaces(text.bytes.subarray(at))) place(1, 0);
  while (byte < bytes.length) {
    const length = text.characterLength(at);
    const character = bytes.subarray(byte, byte + length);
    if (length > 0 && text.startsWith(at, character)) {
      for (let i = 0; i < character.length; i++) place(1, 1);
      continue;
    }
    const composed = text.composedAt(at);
    if (composed?.bytes.every((value, i) => bytes[byte + i] === value)) place(composed.bytes.length, composed.length);
    else if (bytes[byte] === 0x20 && text.isSpaceMark(at)) place(1, length);
    else if (text.isWhiteSpace(at)) at += length;
    else place(1, 0);
  }
  return { from, to, end: at };
}

function leadingSpaces(bytes: Uint8Array): number {
  const other = bytes.findIndex((byte) => byte !== 0x20);
  return other < 0 ? bytes.length : other;
}
