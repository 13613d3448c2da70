import { mentions, type TokenizerFile } from './tokenizer-file.ts';

/**
 * The bytes that each of `size` ids stands for, from the pieces of a tokenizer.json. There are two spellings: byte-level
 * ones (GPT-2, Llama 3) write every byte as a printable character; sentencepiece ones (Llama 1 and 2) write a space as
 * U+2581 and single bytes as `<0x0A>`.
 */
export function tokenBytes(file: TokenizerFile, vocabulary: ReadonlyMap<string, number>, size: number): Uint8Array[] {
  const plain = new Set(file.added_tokens.map(({ id }) => id));
  const pieceBytes =
    mentions(file.decoder, 'ByteLevel') || mentions(file.pre_tokenizer, 'ByteLevel') ? byteLevel() : sentencepiece;
  const pieces: (Uint8Array | undefined)[] = new Array<undefined>(size).fill(undefined);
  for (const [piece, id] of vocabulary) {
    if (id >= size) throw new Error(`tokenizer.json has token id ${id}, but the model knows only ${size} tokens`);
    pieces[id] = plain.has(id) ? encoder.encode(piece) : pieceBytes(piece);
  }
  return pieces.map((piece, id) => piece ?? encoder.encode(`<|unused ${id}|>`));
}

const encoder = new TextEncoder();

function sentencepiece(piece: string): Uint8Array {
  const byte = /^<0x([0-9A-F]{2})>$/.exec(piece);
  return byte ? Uint8Array.of(Number.parseInt(byte[1]!, 16)) : encoder.encode(piece.replaceAll('\u2581', ' '));
}

/** GPT-2's table: printable Latin-1 characters stand for themselves, the other bytes in order for U+0100 and up. */
function byteLevel(): (piece: string) => Uint8Array {
  const byteOf = new Map<string, number>();
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xff && byte !== 0xad);
    byteOf.set(String.fromCodePoint(printable ? byte : next++), byte);
  }
  return (piece) =>
    Uint8Array.from(
      Array.from(piece).flatMap((character) => byteOf.get(character) ?? Array.from(encoder.encode(character))),
    );
}
