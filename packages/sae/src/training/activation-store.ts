import type { ChunkOrder, Refill } from './chunk-order.ts';

/** Rows of activations, [rows, d_in] row-major. */
export interface ActivationRows {
  rows: number;
  data: Float32Array;
}

export interface ActivationStoreOptions {
  order: ChunkOrder;
  dIn: number;
  batch: number;
  /** Activations of the usable tokens of a chunk of contexts; the same every time. */
  activations: (contexts: Int32Array) => Promise<ActivationRows>;
  /** Activations of at most this many bytes are kept for the next epoch. */
  cacheBytes: number;
}

/** The batches of a training run, in an order that only depends on the seed. */
export class ActivationStore {
  private readonly cache = new Map<number, ActivationRows>();
  private cachedBytes = 0;

  constructor(private readonly options: ActivationStoreOptions) {}

  /**
   * Batches [batch, d_in] from `firstStep` on, without end. The array is reused by the next batch.
   * Batch s holds tokens s * batch to (s + 1) * batch of the order, over the edges of refills.
   */
  async *batches(firstStep: number): AsyncGenerator<Float32Array> {
    const { batch, dIn } = this.options;
    const out = new Float32Array(batch * dIn);
    let filled = 0;
    for await (const { rows, order, first } of this.shuffledRefills(firstStep * batch)) {
      for (let position = first; position < order.length; position++) {
        copyRow(rows, order[position]!, dIn, out, filled++);
        if (filled < batch) continue;
        yield out;
        filled = 0;
      }
    }
  }

  /** The rows of the first refill, part by part; what statistics are estimated on. They are trained on all the same. */
  async firstRefill(): Promise<readonly ActivationRows[]> {
    const { value } = this.options.order.refills().next();
    return (await this.rowsOf(value as Refill)).parts;
  }

  /** Refills from the one that holds token `firstToken` on; the next is fetched while one is used. */
  private async *shuffledRefills(
    firstToken: number,
  ): AsyncGenerator<{ rows: RefillRows; order: Int32Array; first: number }> {
    const refills = this.options.order.refills();
    const needed = (): Refill => {
      for (;;) {
        const refill = refills.next().value as Refill;
        if (refill.end > firstToken) return refill;
      }
    };
    let refill = needed();
    for (;;) {
      const rows = await this.rowsOf(refill);
      yield { rows, order: this.options.order.rowOrder(refill), first: Math.max(0, firstToken - refill.start) };
      refill = needed();
    }
  }

  private async rowsOf(refill: Refill): Promise<RefillRows> {
    const parts: ActivationRows[] = [];
    for (const chunk of refill.chunks) parts.push(await this.chunk(chunk));
    return new RefillRows(parts);
  }

  private async chunk(index: number): Promise<ActivationRows> {
    const kept = this.cache.get(index);
    if (kept) return kept;
    const { order, activations, cacheBytes, dIn } = this.options;
    const rows = await activations(order.chunks[index]!);
    if (rows.rows !== order.chunkTokens[index])
      throw new Error(`chunk ${index} gave ${rows.rows} rows, not ${order.chunkTokens[index]}`);
    const bytes = 4 * rows.rows * dIn;
    // Once full it stays as it is: evicting would only trade one chunk of the epoch for another.
    if (this.cachedBytes + bytes <= cacheBytes) {
      this.cache.set(index, rows);
      this.cachedBytes += bytes;
    }
    return rows;
  }
}

/** The rows of a refill's chunks, numbered through. */
class RefillRows {
  private readonly starts: number[] = [];

  constructor(readonly parts: readonly ActivationRows[]) {
    let start = 0;
    for (const part of parts) {
      this.starts.push(start);
      start += part.rows;
    }
  }

  find(row: number): { data: Float32Array; row: number } {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle]! <= row) low = middle;
      else high = middle - 1;
    }
    return { data: this.parts[low]!.data, row: row - this.starts[low]! };
  }
}

function copyRow(rows: RefillRows, row: number, dIn: number, out: Float32Array, at: number): void {
  const found = rows.find(row);
  const from = found.row * dIn;
  const to = at * dIn;
  for (let d = 0; d < dIn; d++) out[to + d] = found.data[from + d]!;
}
