/** How documents become rows of the same length. Ids are of one vocabulary; 0 is an id like any other. */
export interface PackingOptions {
  /** Tokens per row, at least 2. */
  readonly contextSize: number;
  /** Stands at the head of every row that does not have it there already; null for none. */
  readonly bos: number | null;
  /** Stands between two documents of a row, unless the second begins with it; null for none. */
  readonly separator: number | null;
  /** Stands before every document that does not begin with it; null for none. */
  readonly beginDocument?: number | null;
  /** False: a row holds the beginning of one document, and documents too short to fill one are left out. */
  readonly concatenate?: boolean;
}

/**
 * Packs documents into rows as SAELens does (`tokenization_and_batching.py` of 6.54, from which the golden rows come): a
 * document that is cut goes on in the next row, and what does not fill a row waits for the next document.
 *
 * @throws RangeError when contextSize is no whole number of at least 2
 * @example new ContextPacker({ contextSize: 4, bos: 0, separator: 0 }).add([1, 2, 3, 4]) // [Int32Array [0, 1, 2, 3]]
 */
export class ContextPacker {
  #row: Int32Array;
  #used = 0;

  constructor(private readonly options: PackingOptions) {
    const { contextSize } = options;
    if (!Number.isInteger(contextSize) || contextSize < 2)
      throw new RangeError(`contextSize is ${contextSize}, but must be a whole number of at least 2`);
    this.#row = new Int32Array(contextSize);
  }

  /** The row that is not full yet. */
  get rest(): Int32Array {
    return this.#row.slice(0, this.#used);
  }

  /** Goes on from a row that another packer left. */
  set rest(ids: ArrayLike<number>) {
    if (ids.length >= this.#row.length) throw new RangeError(`${ids.length} tokens are no unfinished row`);
    this.#row.set(ids);
    this.#used = ids.length;
  }

  /** Takes a document's ids, without BOS; gives the rows that it fills. */
  add(ids: ArrayLike<number>): Int32Array[] {
    if (ids.length === 0) return [];
    if (this.options.concatenate === false) return this.#alone(ids);
    const full: Int32Array[] = [];
    const { bos, separator, beginDocument = null, contextSize } = this.options;
    let startIsDue = true;
    for (let at = 0; at < ids.length;) {
      const prefix: number[] = [];
      const lead = (id: number | null): boolean => {
        if (id === null || (prefix[0] ?? ids[at]) === id) return false;
        prefix.unshift(id);
        return true;
      };
      const hasStart: boolean = startIsDue && lead(beginDocument);
      lead(this.#used === 0 ? bos : separator);
      const room = contextSize - this.#used;
      startIsDue = hasStart && prefix.length > room;
      for (const id of prefix.slice(0, room)) this.#row[this.#used++] = id;
      const end = Math.min(ids.length, at + contextSize - this.#used);
      while (at < end) this.#row[this.#used++] = ids[at++]!;
      if (this.#used === contextSize) full.push(this.#take());
    }
    return full;
  }

  /** The first row of a document that is long enough. */
  #alone(ids: ArrayLike<number>): Int32Array[] {
    const { contextSize } = this.options;
    const first = this.options.beginDocument ?? this.options.bos;
    const prefix = first === null || ids[0] === first ? [] : [first];
    if (ids.length + prefix.length < contextSize) return [];
    const row = new Int32Array(contextSize);
    row.set(prefix);
    for (let i = prefix.length; i < contextSize; i++) row[i] = ids[i - prefix.length]!;
    return [row];
  }

  #take(): Int32Array {
    const row = this.#row;
    this.#row = new Int32Array(row.length);
    this.#used = 0;
    return row;
  }
}
