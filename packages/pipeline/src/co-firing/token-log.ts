import { SpillFile } from '../spill-file.ts';

/** A token's firings, as they lie in the log: how many, then feature and value (float32) of each. */
export interface TokenFirings {
  readonly words: Uint32Array;
  readonly floats: Float32Array;
  /** Where the first feature stands; its value is at the next place, and so on. */
  readonly start: number;
  readonly count: number;
}

const chunkWords = 1 << 16;

/** `floats` are the same bytes as `words`. */
interface Chunk {
  readonly words: Uint32Array;
  readonly floats: Float32Array;
  used: number;
}

/**
 * What fires together on each token, in no particular order of tokens: written once while a text is scanned, then read
 * as often as needed. Beyond `memoryBytes` it goes to a temporary file; 8 bytes a firing.
 *
 * @example
 * const log = new TokenLog();
 * log.append(active.indices, active.values, active.offsets[row]!, active.offsets[row + 1]!);
 * for (const { words, start, count } of log.read()) …
 */
export class TokenLog {
  private chunks: Chunk[] = [];
  private spilled: { file: SpillFile; offset: number; words: number }[] = [];
  private files: SpillFile[] = [];
  private ownFile: SpillFile | null = null;

  constructor(
    private readonly memoryBytes: number,
    private readonly folder?: string,
  ) {}

  /** Adds a token: the positive values of the pairs from `start` up to `end`. A token on which nothing fires takes no room. */
  append(features: ArrayLike<number>, values: ArrayLike<number>, start: number, end: number): void {
    if (end <= start) return;
    const needed = 1 + 2 * (end - start);
    let chunk = this.chunks.at(-1);
    if (!chunk || chunk.used + needed > chunk.words.length) chunk = this.addChunk(needed);
    const { words, floats } = chunk;
    let at = chunk.used + 1;
    for (let i = start; i < end; i++) {
      if (!(values[i]! > 0)) continue;
      words[at] = features[i]!;
      floats[at + 1] = values[i]!;
      at += 2;
    }
    const count = (at - chunk.used - 1) / 2;
    if (count === 0) return;
    words[chunk.used] = count;
    chunk.used = at;
  }

  /** Takes over everything that `other` holds; `other` is empty afterwards and must not be used. */
  merge(other: TokenLog): void {
    this.chunks.unshift(...other.chunks.splice(0));
    this.spilled.push(...other.spilled.splice(0));
    this.files.push(...other.files.splice(0));
    other.ownFile = null;
  }

  /** Every token once. What is yielded is valid until the next one is asked for. */
  *read(): Generator<TokenFirings> {
    for (const { file, offset, words } of this.spilled) {
      const segment = new Uint32Array(words);
      file.read(offset, segment);
      yield* tokensOf(segment, words);
    }
    for (const { words, used } of this.chunks) yield* tokensOf(words, used);
  }

  close(): void {
    this.chunks = [];
    this.spilled = [];
    for (const file of this.files.splice(0)) file.close();
    this.ownFile = null;
  }

  private addChunk(needed: number): Chunk {
    if ((this.chunks.length + 1) * chunkWords * 4 > this.memoryBytes) this.spill();
    const words = new Uint32Array(Math.max(chunkWords, needed));
    const chunk = { words, floats: new Float32Array(words.buffer), used: 0 };
    this.chunks.push(chunk);
    return chunk;
  }

  private spill(): void {
    if (!this.ownFile) {
      this.ownFile = new SpillFile(this.folder);
      this.files.push(this.ownFile);
    }
    for (const { words, used } of this.chunks) {
      const offset = this.ownFile.append(words.subarray(0, used));
      this.spilled.push({ file: this.ownFile, offset, words: used });
    }
    this.chunks = [];
  }
}

function* tokensOf(words: Uint32Array, used: number): Generator<TokenFirings> {
  const floats = new Float32Array(words.buffer, words.byteOffset, words.length);
  for (let at = 0; at < used; at += 1 + 2 * words[at]!) yield { words, floats, start: at + 1, count: words[at]! };
}
