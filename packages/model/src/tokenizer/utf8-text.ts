const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** A text as UTF-8 bytes, with where each byte's character stands in the string. */
export class Utf8Text {
  readonly bytes: Uint8Array;
  /** For each byte, where its character begins in the string; then the string's length. */
  private readonly starts: Uint32Array;

  constructor(private readonly text: string) {
    // Lone surrogates become U+FFFD here as they do in tokenizers, and take three bytes there and here.
    this.bytes = encoder.encode(text);
    this.starts = new Uint32Array(this.bytes.length + 1).fill(text.length);
    let byte = 0;
    let index = 0;
    for (const character of text) {
      const code = character.codePointAt(0)!;
      const length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
      this.starts.fill(index, byte, byte + length);
      byte += length;
      index += character.length;
    }
  }

  /** Bytes from `at` to the end of the character there; 0 at the end of the text. */
  characterLength(at: number): number {
    let end = at;
    while (end < this.bytes.length && this.starts[end] === this.starts[at]) end++;
    return end - at;
  }

  startsWith(at: number, prefix: Uint8Array): boolean {
    return at + prefix.length <= this.bytes.length && prefix.every((byte, i) => this.bytes[at + i] === byte);
  }

  /** Where `bytes` stand next, from `at` on; null where they do not. */
  indexOf(bytes: Uint8Array, at: number): number | null {
    for (let i = at; i + bytes.length <= this.bytes.length; i++) if (this.startsWith(i, bytes)) return i;
    return null;
  }

  /** What the character at `at` and the marks that follow it become by Unicode NFC, and how many bytes they take now. */
  composedAt(at: number): { bytes: Uint8Array; length: number } | null {
    composing.lastIndex = this.starts[at]!;
    const found = composing.exec(this.text)?.[0];
    return found ? { bytes: encoder.encode(found.normalize('NFC')), length: encoder.encode(found).length } : null;
  }

  isWhiteSpace(at: number): boolean {
    return /^\p{White_Space}$/u.test(this.characterAt(at));
  }

  /** U+2581, which sentencepiece takes for a space. */
  isSpaceMark(at: number): boolean {
    return this.characterAt(at) === '\u2581';
  }

  /** The place in the string of the bytes from `byteStart` to `byteEnd`, with characters of which they are a part. */
  place(byteStart: number, byteEnd: number): { start: number; end: number } {
    const start = this.starts[byteStart]!;
    if (byteEnd <= byteStart) return { start, end: start };
    let after = byteEnd;
    while (after < this.bytes.length && this.starts[after] === this.starts[byteEnd - 1]) after++;
    return { start, end: this.starts[after]! };
  }

  private characterAt(at: number): string {
    return decoder.decode(this.bytes.subarray(at, at + this.characterLength(at)));
  }
}

/** A character with its marks, or a run of Hangul letters: what NFC may write as one. */
const composing = /[\u1100-\u11ff]+\p{M}*|[^]\p{M}*/uy;
