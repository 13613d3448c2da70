/**
 * The exact bytes of every token of a model, and how runs of ids become text.
 * A token may hold part of a UTF-8 character; only a run of tokens is text.
 */
export class Vocabulary {
  /** @param pieces bytes of each token, by id */
  constructor(readonly pieces: readonly Uint8Array[]) {}

  get size(): number {
    return this.pieces.length;
  }

  /** The text of one id as a person should see it: unfinished characters as U+FFFD. */
  textOf(id: number): string {
    return new TextDecoder().decode(this.pieceOf(id));
  }

  /**
   * The texts of consecutive ids, one string per id, whose concatenation is the exact text.
   * A character split over several tokens is shown whole at its first token; the others hold ''.
   *
   * @example vocabulary.textsOf([15, 9]) // ["Once", " upon"]
   */
  textsOf(ids: ArrayLike<number>): string[] {
    const texts: string[] = new Array<string>(ids.length).fill('');
    let pending: number[] = [];
    let start = 0;
    const flush = (): void => {
      texts[start] = new TextDecoder().decode(Uint8Array.from(pending));
      pending = [];
    };
    for (let i = 0; i < ids.length; i++) {
      if (pending.length === 0) start = i;
      const piece = this.pieceOf(ids[i]!);
      // A piece that cannot continue the unfinished character ends it.
      if (pending.length > 0 && (piece[0] === undefined || (piece[0] & 0xc0) !== 0x80)) {
        flush();
        start = i;
      }
      pending.push(...piece);
      if (missingBytes(pending) === 0) flush();
    }
    if (pending.length > 0) flush();
    return texts;
  }

  private pieceOf(id: number): Uint8Array {
    const piece = this.pieces[id];
    if (!piece) throw new RangeError(`token id ${id} is not in the vocabulary of ${this.size}`);
    return piece;
  }
}

/** How many continuation bytes the last character of `bytes` still wants. */
function missingBytes(bytes: readonly number[]): number {
  for (let back = 1; back <= Math.min(4, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return Math.max(0, length - back);
  }
  return 0;
}
