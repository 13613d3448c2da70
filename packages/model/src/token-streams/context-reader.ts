import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { ContextPacker, type PackingOptions } from './context-packer.ts';
import {
  DocumentError,
  type Document,
  type DocumentFile,
  type LocatedDocument,
  type OpenDocuments,
} from './document-file.ts';
import { permutation } from './permutation.ts';

/** A place between two documents: what was read before it is in the row, or out. */
export interface ReaderMark {
  /** Contexts that came before. */
  readonly contexts: number;
  readonly epoch: number;
  /** Which file of the epoch's order, which part of the file's order, and where in the part. */
  readonly file: number;
  readonly part: number;
  readonly at: number;
  /** Tokens of the row that is not full yet. */
  readonly row: readonly number[];
}

export const startMark: ReaderMark = { contexts: 0, epoch: 0, file: 0, part: 0, at: 0, row: [] };

export interface ReaderOptions {
  readonly tokenizer: Tokenizer;
  readonly files: readonly DocumentFile[];
  readonly packing: PackingOptions;
  /** Whether a document of ids is a row already (it is cut to size), or is packed like text. */
  readonly idsAreContexts: boolean;
  /** Seed of the order of files and parts; null for the order they have. */
  readonly seed: number | null;
}

/** Reads documents one after another and gives the contexts that they fill, epoch by epoch. */
export class ContextReader {
  readonly #packer: ContextPacker;
  #ready: Int32Array[] = [];
  #taken = 0;
  #mark: ReaderMark;
  #place: { epoch: number; file: number; part: number; at: number };
  #produced: number;
  #open: OpenDocuments | null = null;
  #documents: AsyncIterator<LocatedDocument> | null = null;

  constructor(
    private readonly options: ReaderOptions,
    mark: ReaderMark,
  ) {
    this.#packer = new ContextPacker(options.packing);
    this.#packer.rest = mark.row;
    this.#mark = mark;
    const { epoch, file, part, at } = mark;
    this.#place = { epoch, file, part, at };
    this.#produced = mark.contexts;
  }

  get epoch(): number {
    return this.#place.epoch;
  }

  /** Contexts given or passed over so far, over all epochs. */
  get given(): number {
    return this.#produced - (this.#ready.length - this.#taken);
  }

  /** The last place between documents before what `next` gives next. */
  get mark(): ReaderMark {
    return this.#taken < this.#ready.length ? this.#mark : this.#markHere();
  }

  /** The next context; null at the end of an epoch, where what does not fill a row is dropped. */
  async next(): Promise<Int32Array | null> {
    while (this.#taken === this.#ready.length) {
      const document = await this.#nextDocument();
      if (document === null) return null;
      this.#ready = this.#contextsOf(document);
      this.#taken = 0;
      this.#produced += this.#ready.length;
    }
    return this.#ready[this.#taken++]!;
  }

  /** Passes over contexts of this epoch, `count` at most; says how many. Rows of known number are not read for it. */
  async skip(count: number): Promise<number> {
    let skipped = 0;
    while (skipped < count) {
      skipped += await this.#leap(count - skipped);
      if (skipped === count) break;
      if ((await this.next()) === null) break;
      skipped++;
    }
    return skipped;
  }

  /** Begins the next epoch after `next` gave null. */
  startEpoch(): void {
    this.#place = { epoch: this.#place.epoch + 1, file: 0, part: 0, at: 0 };
    this.#packer.rest = [];
  }

  /** Closes the file that is open; reading on opens it again. */
  async close(): Promise<void> {
    await this.#documents?.return?.();
    this.#documents = null;
    const open = this.#open;
    this.#open = null;
    await open?.close();
  }

  #markHere(): ReaderMark {
    return { contexts: this.#produced, ...this.#place, row: Array.from(this.#packer.rest) };
  }

  async #nextDocument(): Promise<Document | null> {
    for (;;) {
      const open = await this.#file();
      if (!open) return null;
      if (this.#place.part === open.parts) {
        await this.close();
        this.#place = { ...this.#place, file: this.#place.file + 1, part: 0, at: 0 };
        continue;
      }
      this.#documents ??= open.read(this.#partOf(open), this.#place.at)[Symbol.asyncIterator]();
      const step = await this.#documents.next();
      if (!step.done) {
        this.#mark = this.#markHere();
        this.#place.at = step.value.next;
        return step.value.document;
      }
      this.#nextPart();
    }
  }

  /** Passes over rows of the file that is open, where each is a context and their number is known. */
  async #leap(count: number): Promise<number> {
    if (!this.options.idsAreContexts || this.#taken < this.#ready.length) return 0;
    const open = await this.#file();
    let leapt = 0;
    while (open?.holdsIds && leapt < count && this.#place.part < open.parts) {
      const known = open.count(this.#partOf(open));
      if (known === null) break;
      const leap = Math.min(count - leapt, known - this.#place.at);
      await this.#documents?.return?.();
      this.#documents = null;
      if (this.#place.at + leap === known) this.#nextPart();
      else this.#place.at += leap;
      leapt += leap;
    }
    this.#produced += leapt;
    return leapt;
  }

  #nextPart(): void {
    this.#documents = null;
    this.#place = { ...this.#place, part: this.#place.part + 1, at: 0 };
  }

  async #file(): Promise<OpenDocuments | null> {
    const { files, seed } = this.options;
    if (this.#open) return this.#open;
    if (this.#place.file === files.length) return null;
    const order = seed === null ? null : permutation(files.length, [seed, this.#place.epoch]);
    this.#open = await files[order?.[this.#place.file] ?? this.#place.file]!.open();
    return this.#open;
  }

  #order: { key: string; parts: Uint32Array } | null = null;

  #partOf({ parts }: OpenDocuments): number {
    const { seed } = this.options;
    const { epoch, file, part } = this.#place;
    if (seed === null) return part;
    const key = `${epoch} ${file} ${parts}`;
    if (this.#order?.key !== key) this.#order = { key, parts: permutation(parts, [seed, epoch, file + 1]) };
    return this.#order.parts[part]!;
  }

  #contextsOf(document: Document): Int32Array[] {
    const { tokenizer, packing, idsAreContexts } = this.options;
    const holdsIds = typeof document !== 'string' || this.#open?.holdsIds === true;
    if (!holdsIds) return document === '' ? [] : this.#packer.add(tokenizer.encode(document, { bos: false }));
    const ids = typeof document === 'string' ? new Int32Array() : document;
    this.#checkIds(ids);
    if (!idsAreContexts) return this.#packer.add(ids);
    if (ids.length < packing.contextSize)
      throw new DocumentError(
        `${this.#where()} has ${ids.length} tokens, fewer than the contextSize of ${packing.contextSize}`,
      );
    return [ids.slice(0, packing.contextSize)];
  }

  #checkIds(ids: Int32Array): void {
    const { size } = this.options.tokenizer.vocabulary;
    const wrong = ids.findIndex((id) => id < 0 || id >= size);
    if (wrong >= 0)
      throw new DocumentError(
        `${this.#where()}: token ${wrong} is ${ids[wrong]}, but the model has ids 0 to ${size - 1}`,
      );
  }

  #where(): string {
    const { files, seed } = this.options;
    const { epoch, file, part, at } = this.#mark;
    const order = seed === null ? null : permutation(files.length, [seed, epoch]);
    return `${files[order?.[file] ?? file]!.name}, part ${part}, at ${at}`;
  }
}
