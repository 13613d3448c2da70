/**
 * Sparse codes, one row per token (compressed sparse rows): row r holds the pairs offsets[r] to offsets[r + 1],
 * its features ascending, only those that are active.
 */
export interface SparseRows {
  readonly rows: number;
  /** [rows + 1] */
  readonly offsets: Int32Array;
  /** Feature of each pair. */
  readonly indices: Int32Array;
  /** Activation of each pair; not 0, and negative only in signed TopK SAEs. */
  readonly values: Float32Array;
}

/** The sparse rows of a dense [rows, width] array: its entries that are not 0. */
export function sparseFromDense(dense: ArrayLike<number>, rows: number, width: number): SparseRows {
  const builder = new SparseRowsBuilder();
  for (let row = 0; row < rows; row++) {
    const start = row * width;
    for (let feature = 0; feature < width; feature++) {
      const value = dense[start + feature]!;
      if (value !== 0) builder.push(feature, value);
    }
    builder.endRow();
  }
  return builder.finish();
}

/** The sparse rows of [rows, k] pairs in any order; pairs of value 0 are left out. */
export function sparseFromPairs(indices: Int32Array, values: Float32Array, rows: number, k: number): SparseRows {
  const builder = new SparseRowsBuilder();
  const order = new Int32Array(k);
  for (let row = 0; row < rows; row++) {
    let active = 0;
    for (let slot = row * k; slot < (row + 1) * k; slot++) if (values[slot]! !== 0) order[active++] = slot;
    const pairs = order.subarray(0, active).sort((a, b) => indices[a]! - indices[b]!);
    for (const slot of pairs) builder.push(indices[slot]!, values[slot]!);
    builder.endRow();
  }
  return builder.finish();
}

/** Rows of several parts, one after the other. */
export function concatRows(parts: readonly SparseRows[]): SparseRows {
  const first = parts[0];
  if (first && parts.length === 1) return first;
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const pairs = parts.reduce((sum, part) => sum + part.indices.length, 0);
  const all = {
    rows,
    offsets: new Int32Array(rows + 1),
    indices: new Int32Array(pairs),
    values: new Float32Array(pairs),
  };
  let row = 0;
  let pair = 0;
  for (const part of parts) {
    for (let i = 1; i <= part.rows; i++) all.offsets[row + i] = pair + part.offsets[i]!;
    all.indices.set(part.indices, pair);
    all.values.set(part.values, pair);
    row += part.rows;
    pair += part.indices.length;
  }
  return all;
}

/** Collects rows whose number of pairs is not known beforehand. */
class SparseRowsBuilder {
  private indices = new Int32Array(1024);
  private values = new Float32Array(1024);
  private pairs = 0;
  private readonly ends = [0];

  push(feature: number, value: number): void {
    if (this.pairs === this.indices.length) this.grow();
    this.indices[this.pairs] = feature;
    this.values[this.pairs++] = value;
  }

  endRow(): void {
    this.ends.push(this.pairs);
  }

  finish(): SparseRows {
    return {
      rows: this.ends.length - 1,
      offsets: Int32Array.from(this.ends),
      indices: this.indices.slice(0, this.pairs),
      values: this.values.slice(0, this.pairs),
    };
  }

  private grow(): void {
    const indices = new Int32Array(2 * this.pairs);
    const values = new Float32Array(2 * this.pairs);
    indices.set(this.indices);
    values.set(this.values);
    this.indices = indices;
    this.values = values;
  }
}
