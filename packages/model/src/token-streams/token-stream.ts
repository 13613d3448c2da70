import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { ContextReader, startMark, type ReaderMark, type ReaderOptions } from './context-reader.ts';
import { DocumentError, listedDocuments, type Document, type DocumentFile } from './document-file.ts';
import { permutation } from './permutation.ts';

export interface TokenStreamOptions {
  readonly tokenizer: Tokenizer;
  /** Documents in memory, or files of them (`documentFiles`). */
  readonly documents: readonly Document[] | readonly DocumentFile[];
  /** Tokens per context. */
  readonly contextSize: number;
  /** Every context begins with BOS, where the tokenizer has one (default). */
  readonly bos?: boolean;
  /** Between two documents of a context: an id, or null for none (default: BOS, else EOS). */
  readonly separator?: number | null;
  /** Before every document: an id, or null for none (default). */
  readonly beginDocument?: number | null;
  /** False: one context per document that is long enough (SAELens's disable_concat_sequences). */
  readonly concatenate?: boolean;
  /** What a row of ids is: a context that is ready, BOS included, and is cut to size (default), or a document. */
  readonly idRows?: 'contexts' | 'documents';
  /** Mixes: files and their parts in the seed's order, then contexts within windows (default 4096 contexts). */
  readonly shuffle?: { readonly seed: number; readonly window?: number };
  /** Times that the documents are read, each in an order of its own when shuffled (default 1; Infinity repeats for ever). */
  readonly epochs?: number;
  /** Goes on from where another stream with the same options was. */
  readonly from?: StreamPosition;
}

/** Where a stream is, as JSON keeps it. */
export interface StreamPosition {
  /** Contexts given so far, over all epochs. */
  readonly contexts: number;
  /** The window that the next context is of: its number in the epoch, and contexts before it. */
  readonly window: { readonly index: number; readonly start: number };
  /** A place at or before the window's start from which it can be read. */
  readonly mark: ReaderMark;
  /** What the order depends on; a stream with other options refuses the position. */
  readonly options: string;
}

/** Contexts of token ids, one after another, each `contextSize` long; holds one window of them in memory. */
export interface TokenStream extends AsyncIterable<Int32Array> {
  /** The next context; null when all epochs are through. */
  next(): Promise<Int32Array | null>;
  /** Where the next context is. */
  readonly position: StreamPosition;
  /**
   * Passes over contexts; says how many there were. Rows of known number are not read (Parquet, Arrow and memory with ids);
   * text has to be tokenised again, which `from` spares.
   */
  skip(count: number): Promise<number>;
  /** Closes the file that is open. The stream can go on all the same. */
  close(): Promise<void>;
}

/**
 * A stream of token contexts for training and scanning. Packing is SAELens's; the order depends on nothing but the options,
 * and `position` resumes it anywhere, in another process too, at the cost of reading one document and one window again.
 *
 * @throws RangeError naming the option that is wrong; DocumentError, as it reads, naming the file and the place
 * @example
 * const stream = tokenStream({ tokenizer, documents: documentFiles(files), contextSize: 128, shuffle: { seed: 1 } });
 * for await (const ids of stream) await train(ids); // Int32Array(128)
 */
export function tokenStream(options: TokenStreamOptions): TokenStream {
  const {
    tokenizer,
    documents,
    contextSize,
    bos = true,
    concatenate = true,
    idRows = 'contexts',
    shuffle,
    epochs = 1,
  } = options;
  const window = shuffle ? (shuffle.window ?? 4096) : 1;
  checkCount('shuffle.window', window);
  if (epochs !== Infinity) checkCount('epochs', epochs);
  if (shuffle && !Number.isSafeInteger(shuffle.seed))
    throw new RangeError(`shuffle.seed is ${shuffle.seed}, but must be a whole number`);
  const packing = {
    contextSize,
    bos: bos ? tokenizer.bos : null,
    separator: options.separator === undefined ? (tokenizer.bos ?? tokenizer.eos) : options.separator,
    beginDocument: options.beginDocument ?? null,
    concatenate,
  };
  const seed = shuffle?.seed ?? null;
  const key = JSON.stringify({ ...packing, idRows, seed, window });
  if (options.from && options.from.options !== key)
    throw new RangeError(`from is of a stream with other options: ${options.from.options}, now ${key}`);
  const reader: ReaderOptions = {
    tokenizer,
    files: filesOf(documents),
    packing,
    idsAreContexts: idRows === 'contexts',
    seed,
  };
  return new WindowedStream(reader, key, window, epochs, options.from);
}

function filesOf(documents: TokenStreamOptions['documents']): readonly DocumentFile[] {
  const areFiles = documents.every((each): each is DocumentFile => typeof each === 'object' && 'open' in each);
  return areFiles && documents.length > 0
    ? (documents as readonly DocumentFile[])
    : [listedDocuments(documents as readonly Document[])];
}

class WindowedStream implements TokenStream {
  readonly #reader: ContextReader;
  #contexts: number;
  #index: number;
  /** Contexts before the epoch; unknown in the one in which the stream began. */
  #epochStart: number | null = null;
  #start: number;
  #windowMark: ReaderMark;
  /** Contexts of the window in the order in which they are given; null until it is read. */
  #window: Int32Array[] | null = null;

  constructor(
    private readonly options: ReaderOptions,
    private readonly key: string,
    private readonly size: number,
    private readonly epochs: number,
    from?: StreamPosition,
  ) {
    this.#windowMark = from?.mark ?? startMark;
    this.#reader = new ContextReader(options, this.#windowMark);
    this.#contexts = from?.contexts ?? 0;
    this.#index = from?.window.index ?? 0;
    this.#start = from?.window.start ?? 0;
  }

  get position(): StreamPosition {
    return {
      contexts: this.#contexts,
      window: { index: this.#index, start: this.#start },
      mark: this.#windowMark,
      options: this.key,
    };
  }

  async next(): Promise<Int32Array | null> {
    while (this.#reader.epoch < this.epochs) {
      this.#window ??= await this.#read();
      const within = this.#contexts - this.#start;
      if (within < this.#window.length) {
        this.#contexts++;
        return this.#window[within]!;
      }
      this.#leave(this.#window.length);
    }
    return null;
  }

  async skip(count: number): Promise<number> {
    const first = this.#contexts;
    const target = first + count;
    while (this.#contexts < target && this.#reader.epoch < this.epochs) {
      const atStart = this.#window === null && this.#contexts === this.#start;
      const whole = this.options.seed === null ? target - this.#start : this.size;
      if (atStart && whole <= target - this.#start) {
        await this.#align();
        const passed = await this.#reader.skip(whole);
        this.#contexts += passed;
        this.#leave(passed, whole);
        continue;
      }
      this.#window ??= await this.#read();
      this.#contexts = Math.min(target, this.#start + this.#window.length);
      if (this.#contexts === this.#start + this.#window.length) this.#leave(this.#window.length);
    }
    return this.#contexts - first;
  }

  close = (): Promise<void> => this.#reader.close();

  async *[Symbol.asyncIterator](): AsyncGenerator<Int32Array, void, undefined> {
    try {
      for (let ids = await this.next(); ids; ids = await this.next()) yield ids;
    } finally {
      await this.close();
    }
  }

  /** Reads the window that begins at `#start`, and mixes it. */
  async #read(): Promise<Int32Array[]> {
    await this.#align();
    const read: Int32Array[] = [];
    while (read.length < this.size) {
      const ids = await this.#reader.next();
      if (ids === null) break;
      read.push(ids);
    }
    const { seed } = this.options;
    if (seed === null || read.length < 2) return read;
    return Array.from(permutation(read.length, [seed, this.#reader.epoch, -1 - this.#index]), (i) => read[i]!);
  }

  /** A mark may lie a few contexts before the window. */
  async #align(): Promise<void> {
    await this.#reader.skip(this.#start - this.#reader.given);
  }

  /** Goes to the next window; fewer contexts than a whole one has end the epoch. */
  #leave(length: number, whole = this.size): void {
    this.#window = null;
    this.#start += length;
    this.#index++;
    if (length < whole) this.#startEpoch();
    this.#windowMark = this.#reader.mark;
  }

  #startEpoch(): void {
    if (this.#start === this.#epochStart) throw new DocumentError(`the documents do not fill one context`);
    this.#epochStart = this.#start;
    this.#index = 0;
    this.#reader.startEpoch();
  }
}

function checkCount(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new RangeError(`${name} is ${value}, but must be a whole number of at least 1`);
}
