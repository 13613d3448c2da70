import { layOut, problemFields, type Layout, type ProblemField, type Sizes } from './layout.ts';
import type { AdamState, TopKParameters } from './types.ts';

const floatFields = new Set<ProblemField>(['scale', 'auxScale', 'stepSize', 'varianceScale']);
const suffixes = { weights: '', m: 'M', v: 'V' } as const;
type Moment = keyof typeof suffixes;

/** The shared memory of one TopK step, and the only place that knows how arrays are padded in it. */
export class ProblemMemory {
  readonly layout: Layout;
  readonly memory: WebAssembly.Memory;

  constructor(readonly sizes: Sizes) {
    this.layout = layOut(sizes);
    this.memory = new WebAssembly.Memory({ initial: this.layout.pages, maximum: this.layout.pages, shared: true });
    const { width, preStride, arrays } = this.layout;
    this.set({
      batch: sizes.batch,
      width,
      features: sizes.dSae,
      k: sizes.k,
      preStride,
      encoded: Number(sizes.encoded),
    });
    this.set({ scale: 2 / sizes.batch, ...arrays });
  }

  /** Writes numbers and addresses of the problem. */
  set(values: Partial<Record<ProblemField, number>>): void {
    const view = new DataView(this.memory.buffer, this.layout.problem, 4 * problemFields.length);
    problemFields.forEach((field, i) => {
      const value = values[field];
      if (value === undefined) return;
      if (floatFields.has(field)) view.setFloat32(4 * i, value, true);
      else view.setUint32(4 * i, value, true);
    });
  }

  floats(field: ProblemField, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, this.address(field), length);
  }

  ints(field: ProblemField, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, this.address(field), length);
  }

  address(field: ProblemField): number {
    const at = this.layout.arrays[field];
    if (at === undefined) throw new Error(`${field} is not an array of the problem`);
    return at;
  }

  /** Copies rows of d_in into padded rows. */
  writeRows(field: ProblemField, rows: Float32Array): void {
    const { dIn } = this.sizes;
    const { width } = this.layout;
    const count = rows.length / dIn;
    const padded = this.floats(field, count * width);
    if (width === dIn) padded.set(rows);
    else for (let row = 0; row < count; row++) padded.set(rows.subarray(row * dIn, (row + 1) * dIn), row * width);
  }

  private readRows(field: ProblemField, count: number): Float32Array {
    const { dIn } = this.sizes;
    const { width } = this.layout;
    const padded = this.floats(field, count * width);
    const rows = new Float32Array(count * dIn);
    for (let row = 0; row < count; row++) rows.set(padded.subarray(row * width, row * width + dIn), row * dIn);
    return rows;
  }

  writeParameters(moment: Moment, { W_enc, b_enc, W_dec, b_dec }: TopKParameters): void {
    const { dIn, dSae } = this.sizes;
    const suffix = suffixes[moment];
    this.writeRows(`encoder${suffix}`, transpose(W_enc, dIn, dSae));
    this.floats(`encoderBias${suffix}`, dSae).set(b_enc);
    this.writeRows(`decoder${suffix}`, W_dec);
    this.floats(`decoderBias${suffix}`, dIn).set(b_dec);
  }

  readParameters(moment: Moment): TopKParameters {
    const { dIn, dSae } = this.sizes;
    const suffix = suffixes[moment];
    return {
      W_enc: transpose(this.readRows(`encoder${suffix}`, dSae), dSae, dIn),
      b_enc: this.floats(`encoderBias${suffix}`, dSae).slice(),
      W_dec: this.readRows(`decoder${suffix}`, dSae),
      b_dec: this.floats(`decoderBias${suffix}`, dIn).slice(),
    };
  }

  writeOptimiser(state: AdamState): void {
    this.writeParameters('m', state.m);
    this.writeParameters('v', state.v);
  }
}

/** [rows, columns] to [columns, rows]; always an ordinary (unshared) array. */
function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) out[column * rows + row] = values[row * columns + column]!;
  }
  return out;
}
