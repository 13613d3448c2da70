import { concatContexts, usableRows } from '../contexts.ts';
import type { ActivationReader } from './activation-source.ts';
import type { ChunkOrder } from './chunk-order.ts';

/** Activations of the usable tokens of a chunk: [rows, width] by hook point. */
export interface ChunkRows {
  readonly rows: number;
  readonly byHookPoint: Readonly<Record<string, Float32Array>>;
}

export interface SharedChunksOptions {
  order: ChunkOrder;
  reader: ActivationReader;
  /** Token ids of the contexts that the order is of. */
  contexts: readonly Int32Array[];
  excluded: ReadonlySet<number>;
  widths: Readonly<Record<string, number>>;
  /** Activations of at most this many bytes are kept for the next epoch. */
  cacheBytes: number;
  signal?: AbortSignal | undefined;
}

/** Reads the endless sequence of chunks; see `SharedChunks`. */
export interface ChunkReader {
  /** Where the next chunk of this reader is, at the earliest. Moving on lets go of what is before it. */
  moveTo(position: number): void;
  at(position: number): Promise<ChunkRows>;
  /** Leaves: nothing is kept for this reader any more. */
  leave(): void;
}

/**
 * The chunks of an order for several readers: each place of the sequence is computed once, and kept until the slowest
 * reader is past it.
 */
export class SharedChunks {
  private readonly cache = new Map<number, ChunkRows>();
  private cachedBytes = 0;
  /** By place in the sequence. */
  private readonly held = new Map<number, Promise<ChunkRows>>();
  private readonly next = new Map<ChunkReader, number>();

  constructor(private readonly options: SharedChunksOptions) {}

  reader(): ChunkReader {
    const reader: ChunkReader = {
      moveTo: (position) => {
        this.next.set(reader, position);
        this.release();
      },
      at: (position) => {
        const held = this.held.get(position) ?? this.chunk(this.options.order.chunkAt(position));
        this.held.set(position, held);
        return held;
      },
      leave: () => {
        this.next.delete(reader);
        this.release();
      },
    };
    this.next.set(reader, 0);
    return reader;
  }

  /** Places that are kept for a slower reader. */
  get heldPlaces(): number {
    return this.held.size;
  }

  private release(): void {
    const slowest = Math.min(...this.next.values());
    for (const position of this.held.keys()) if (position < slowest) this.held.delete(position);
  }

  private async chunk(index: number): Promise<ChunkRows> {
    const kept = this.cache.get(index);
    if (kept) return kept;
    const { order, reader, contexts, excluded, widths, cacheBytes, signal } = this.options;
    signal?.throwIfAborted();
    const places = order.chunks[index]!;
    const values = await reader.read('train', places);
    const ids = concatContexts(Array.from(places, (place) => contexts[place]!));
    const byHookPoint = Object.fromEntries(
      Object.entries(widths).map(([name, width]) => [name, usableRows(ids, values[name]!, width, excluded)]),
    );
    const rows = { rows: order.chunkTokens[index]!, byHookPoint };
    const bytes = Object.values(byHookPoint).reduce((sum, data) => sum + data.byteLength, 0);
    // Once full it stays as it is: evicting would only trade one chunk of the epoch for another.
    if (this.cachedBytes + bytes <= cacheBytes) {
      this.cache.set(index, rows);
      this.cachedBytes += bytes;
    }
    return rows;
  }
}
