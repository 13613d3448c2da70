import type { ChunkOrder, Refill } from './chunk-order.ts';
import type { ChunkReader, ChunkRows } from './shared-chunks.ts';

/** Rows of activations, [rows, width] row-major. */
export interface ActivationRows {
  rows: number;
  data: Float32Array;
}

/** A hook point whose rows are wanted. */
export interface StoreInput {
  hookPoint: string;
  width: number;
}

export interface ActivationStoreOptions {
  order: ChunkOrder;
  chunks: ChunkReader;
  /** What the SAE sees, and what a transcoder predicts. */
  input: StoreInput;
  target?: StoreInput | undefined;
  batch: number;
}

export interface ActivationBatch {
  /** [batch, d_in], scaled */
  x: Float32Array;
  /** [batch, d_out] */
  target?: Float32Array;
}

/** The batches of a training run, in an order that only depends on the seed. */
export class ActivationStore {
  constructor(private readonly options: ActivationStoreOptions) {}

  /**
   * Batches from `firstStep` on, without end, x times `inputScale`. The arrays are reused by the next batch.
   * Batch s holds tokens s * batch to (s + 1) * batch of the order, over the edges of refills.
   */
  batches(firstStep: number, inputScale: number): AsyncGenerator<ActivationBatch> {
    const { order, chunks, batch } = this.options;
    const token = firstStep * batch;
    // At once, so that nothing before it is kept for this run.
    chunks.moveTo(order.refillWith(token).position);
    return this.batchesFrom(token, inputScale);
  }

  private async *batchesFrom(token: number, inputScale: number): AsyncGenerator<ActivationBatch> {
    const { batch, input, target } = this.options;
    const x = new Float32Array(batch * input.width);
    const y = target && new Float32Array(batch * target.width);
    let filled = 0;
    for await (const { rows, order, first } of this.shuffledRefills(token)) {
      for (let position = first; position < order.length; position++) {
        const row = order[position]!;
        rows.copy(row, input, inputScale, x, filled);
        if (y) rows.copy(row, target, 1, y, filled);
        if (++filled < batch) continue;
        yield y ? { x, target: y } : { x };
        filled = 0;
      }
    }
  }

  /** The rows of the first refill, part by part; what statistics are estimated on. They are trained on all the same. */
  async firstRefill(hookPoint: string): Promise<readonly ActivationRows[]> {
    const { value } = this.options.order.refills().next();
    const { parts } = await this.rowsOf(value as Refill);
    return parts.map(({ rows, byHookPoint }) => ({ rows, data: byHookPoint[hookPoint]! }));
  }

  /** At most `count` rows of the refill that holds a token, taken evenly, in no order. */
  async sample(token: number, count: number, inputScale: number): Promise<ActivationBatch> {
    const { order, input, target } = this.options;
    const refill = order.refillWith(token);
    const rows = await this.rowsOf(refill);
    const total = refill.end - refill.start;
    const kept = Math.min(count, total);
    const x = new Float32Array(kept * input.width);
    const y = target && new Float32Array(kept * target.width);
    for (let i = 0; i < kept; i++) {
      const row = Math.floor((i * total) / kept);
      rows.copy(row, input, inputScale, x, i);
      if (y) rows.copy(row, target, 1, y, i);
    }
    return y ? { x, target: y } : { x };
  }

  /** Lets go of everything; no batch comes after it. */
  close(): void {
    this.options.chunks.leave();
  }

  /** Refills from the one that holds token `firstToken` on. */
  private async *shuffledRefills(
    firstToken: number,
  ): AsyncGenerator<{ rows: RefillRows; order: Int32Array; first: number }> {
    const { order, chunks } = this.options;
    for (const refill of order.refills()) {
      if (refill.end <= firstToken) continue;
      chunks.moveTo(refill.position);
      const rows = await this.rowsOf(refill);
      chunks.moveTo(refill.position + refill.chunks.length);
      yield { rows, order: order.rowOrder(refill), first: Math.max(0, firstToken - refill.start) };
    }
  }

  private async rowsOf({ position, chunks }: Refill): Promise<RefillRows> {
    const parts: ChunkRows[] = [];
    for (let i = 0; i < chunks.length; i++) parts.push(await this.options.chunks.at(position + i));
    return new RefillRows(parts);
  }
}

/** The rows of a refill's chunks, numbered through. */
class RefillRows {
  private readonly starts: number[] = [];

  constructor(readonly parts: readonly ChunkRows[]) {
    let start = 0;
    for (const part of parts) {
      this.starts.push(start);
      start += part.rows;
    }
  }

  /** Row `at` of `out` becomes this row of a hook point, times `scale`. */
  copy(row: number, { hookPoint, width }: StoreInput, scale: number, out: Float32Array, at: number): void {
    const part = this.partOf(row);
    const data = this.parts[part]!.byHookPoint[hookPoint]!;
    const from = (row - this.starts[part]!) * width;
    const to = at * width;
    for (let d = 0; d < width; d++) out[to + d] = data[from + d]! * scale;
  }

  private partOf(row: number): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle]! <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
