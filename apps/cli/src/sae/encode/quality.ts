import type { SparseRows } from '@monosema/sae';
import type { InputRows } from './input-rows.ts';

/** Of the rows that count, together; null where none does. */
export interface Quality {
  /** Active features per row. */
  l0: number | null;
  /** 1 - Σ|x - x_hat|² / Σ|x - mean x|²; null without reconstructions of x. */
  explainedVariance: number | null;
}

/** Adds up what codes and reconstructions are worth, part by part. */
export class CodeQuality {
  private readonly sums: Float64Array;
  private row = 0;
  private rows = 0;
  private active = 0;
  private squares = 0;
  private error = 0;
  private isReconstructed = true;

  constructor(
    private readonly width: number,
    private readonly input: InputRows,
  ) {
    this.sums = new Float64Array(width);
  }

  /** @param x [rows, d_in] @param xHat the same shape */
  add(codes: SparseRows, x: Float32Array, xHat: Float32Array | null): void {
    for (let row = 0; row < codes.rows; row++) {
      if (!this.input.counts(this.row++)) continue;
      this.rows++;
      this.active += codes.offsets[row + 1]! - codes.offsets[row]!;
      if (!xHat) this.isReconstructed = false;
      else this.addRow(x, xHat, row * this.width);
    }
  }

  finish(): Quality {
    if (this.rows === 0) return { l0: null, explainedVariance: null };
    const variance = this.squares - this.sums.reduce((total, sum) => total + sum * sum, 0) / this.rows;
    const explains = this.isReconstructed && variance > 0;
    return { l0: this.active / this.rows, explainedVariance: explains ? 1 - this.error / variance : null };
  }

  private addRow(x: Float32Array, xHat: Float32Array, start: number): void {
    for (let d = 0; d < this.width; d++) {
      const value = x[start + d]!;
      this.sums[d]! += value;
      this.squares += value * value;
      this.error += (value - xHat[start + d]!) ** 2;
    }
  }
}
