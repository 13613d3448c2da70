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
    return textOfBytes(this.pieceOf(id));
  }

  /**
   * Whether the id is no text by itself: its bytes hold a part of a UTF-8 character, as those of rare characters do in
   * byte-level vocabularies.
   *
   * @example vocabulary.isPartial(10545) // true for GPT-2, whose 10545 is " " and the first byte of "日"
   */
  isPartial(id: number): boolean {
    try {
      strict.decode(this.pieceOf(id));
      return false;
    } catch (error) {
      if (error instanceof RangeError) throw error;
      return true;
    }
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
    const flush = (bytes: readonly number[]): void => {
      texts[start] += textOfBytes(Uint8Array.from(bytes));
    };
    for (let i = 0; i < ids.length; i++) {
      const piece = this.pieceOf(ids[i]!);
      // A piece that cannot continue the unfinished character ends it.
      if (pending.length > 0 && (piece[0] === undefined || (piece[0] & 0xc0) !== 0x80)) {
        flush(pending);
        pending = [];
      }
      if (pending.length === 0) start = i;
      pending.push(...piece);
      const begun = unfinishedBytes(pending);
      if (begun === pending.length) continue;
      flush(pending.slice(0, pending.length - begun));
      pending = pending.slice(pending.length - begun);
      start = i;
    }
    if (pending.length > 0) flush(pending);
    return texts;
  }

  private pieceOf(id: number): Uint8Array {
    const piece = this.pieces[id];
    if (!piece) throw new RangeError(`token id ${id} is not in the vocabulary of ${this.size}`);
    return piece;
  }
}

const strict = new TextDecoder('utf-8', { fatal: true });

/** A byte order mark is text like any other. */
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
const textOfBytes = (bytes: Uint8Array): string => lenient.decode(bytes);

/** How many bytes at the end of `bytes` begin a character that wants more. */
function unfinishedBytes(bytes: readonly number[]): number {
  for (let back = 1; back <= Math.min(4, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}
