import { permutation } from './random.ts';

// Which tokens are trained on when: a pure function of the seed, so that a resumed run sees what it would have seen.
// Contexts are dealt once into fixed chunks; an epoch is a permutation of the chunks; a refill is the next few chunks
// of the endless sequence of epochs. A chunk is always forwarded whole, so its activations are the same every time.

export interface OrderOptions {
  seed: number;
  /** Usable tokens of each context. */
  usable: Int32Array;
  contextsPerChunk: number;
  /** A refill has at least this many tokens, when there are so many. */
  refillTokens: number;
}

export interface Refill {
  index: number;
  /** Chunks in order, and the place of the first of them in the endless sequence. */
  chunks: number[];
  position: number;
  /** Usable tokens before and after this refill. */
  start: number;
  end: number;
}

/** The order of one training run. */
export class ChunkOrder {
  /** Contexts of each chunk. */
  readonly chunks: Int32Array[];
  /** Usable tokens of each chunk. */
  readonly chunkTokens: number[];
  private epoch: { index: number; order: Int32Array };

  constructor(private readonly options: OrderOptions) {
    const { seed, usable, contextsPerChunk } = options;
    const contexts = permutation(usable.length, seed, 'contexts');
    this.chunks = [];
    for (let start = 0; start < contexts.length; start += contextsPerChunk)
      this.chunks.push(contexts.slice(start, start + contextsPerChunk));
    this.chunkTokens = this.chunks.map((chunk) => chunk.reduce((sum, context) => sum + usable[context]!, 0));
    this.epoch = { index: 0, order: permutation(this.chunks.length, seed, 'epoch', 0) };
  }

  /** Every refill from the first on, without end. Cheap: no activation is computed. */
  *refills(): Generator<Refill> {
    let position = 0;
    let start = 0;
    for (let index = 0; ; index++) {
      const chunks: number[] = [];
      let end = start;
      while (end - start < this.options.refillTokens) {
        const chunk = this.chunkAt(position + chunks.length);
        chunks.push(chunk);
        end += this.chunkTokens[chunk]!;
      }
      yield { index, chunks, position, start, end };
      position += chunks.length;
      start = end;
    }
  }

  /** The refill that holds a token, counted over all epochs. */
  refillWith(token: number): Refill {
    for (const refill of this.refills()) if (refill.end > token) return refill;
    throw new Error('unreachable: refills have no end');
  }

  /** The order in which the rows of a refill are used. */
  rowOrder({ index, start, end }: Refill): Int32Array {
    return permutation(end - start, this.options.seed, 'refill', index);
  }

  /** The chunk at a place of the endless sequence of epochs. */
  chunkAt(position: number): number {
    const index = Math.floor(position / this.chunks.length);
    if (index !== this.epoch.index)
      this.epoch = { index, order: permutation(this.chunks.length, this.options.seed, 'epoch', index) };
    return this.epoch.order[position % this.chunks.length]!;
  }
}
