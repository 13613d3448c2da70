import { candidateBytes, layOut, MOST_PAGES, type Layout, type Sizes } from './layout.ts';
import { ProblemFields, type ProblemArray } from './problem-fields.ts';
import type { AdamState, StepParameters } from './types.ts';

const suffixes = { weights: '', m: 'M', v: 'V' } as const;
type Moment = keyof typeof suffixes;

/** The shared memory of one step, and the only place that knows how arrays are padded in it. */
export class ProblemMemory {
  readonly layout: Layout;
  readonly memory: WebAssembly.Memory;
  readonly fields: ProblemFields;

  constructor(readonly sizes: Sizes) {
    this.layout = layOut(sizes);
    checkFits(sizes, this.layout.pages);
    const { width, arrays, candidates, pages } = this.layout;
    // Only candidates grow. What is not touched is not there: a larger maximum costs addresses, no memory.
    const maximum = sizes.budget > 0 ? MOST_PAGES : pages;
    this.memory = new WebAssembly.Memory({ initial: pages, maximum, shared: true });
    this.fields = new ProblemFields(this.memory, this.layout.problem);
    this.fields.set({ ...arrays, width, batch: sizes.batch, features: sizes.dSae, k: sizes.k, budget: sizes.budget });
    this.fields.set({ levels: sizes.levelEnds.length, subtractBias: Number(sizes.subtractBias), auxK: sizes.auxK });
    this.fields.set({ scale: 2 / sizes.batch, clipScale: 1, ...candidateFields(candidates.at, candidates.capacity) });
    this.ints('levelEnds', sizes.levelEnds.length).set(sizes.levelEnds);
  }

  floats(field: ProblemArray, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, this.fields.get(field), length);
  }

  ints(field: ProblemArray, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, this.fields.get(field), length);
  }

  /** Copies rows of d_in into padded rows. */
  writeRows(field: ProblemArray, rows: Float32Array): void {
    const { dIn } = this.sizes;
    const { width } = this.layout;
    const count = rows.length / dIn;
    const padded = this.floats(field, count * width);
    if (width === dIn) padded.set(rows);
    else for (let row = 0; row < count; row++) padded.set(rows.subarray(row * dIn, (row + 1) * dIn), row * width);
  }

  private readRows(field: ProblemArray, count: number): Float32Array {
    const { dIn } = this.sizes;
    const { width } = this.layout;
    const padded = this.floats(field, count * width);
    if (width === dIn) return padded.slice();
    const rows = new Float32Array(count * dIn);
    for (let row = 0; row < count; row++) rows.set(padded.subarray(row * width, row * width + dIn), row * dIn);
    return rows;
  }

  writeParameters(moment: Moment, { W_enc, b_enc, W_dec, b_dec }: StepParameters): void {
    const { dIn, dSae } = this.sizes;
    const suffix = suffixes[moment];
    this.writeRows(`encoder${suffix}`, transpose(W_enc, dIn, dSae));
    this.floats(`encoderBias${suffix}`, dSae).set(b_enc);
    this.writeRows(`decoder${suffix}`, W_dec);
    this.floats(`decoderBias${suffix}`, dIn).set(b_dec);
  }

  readParameters(moment: Moment): StepParameters {
    const { dIn, dSae } = this.sizes;
    const suffix = suffixes[moment];
    return {
      W_enc: transpose(this.readRows(`encoder${suffix}`, dSae), dSae, dIn),
      b_enc: unshared(this.floats(`encoderBias${suffix}`, dSae)),
      W_dec: unshared(this.readRows(`decoder${suffix}`, dSae)),
      b_dec: unshared(this.floats(`decoderBias${suffix}`, dIn)),
    };
  }

  writeOptimiser(state: AdamState): void {
    this.writeParameters('m', state.m);
    this.writeParameters('v', state.v);
  }
}

/** @throws RangeError when the problem is larger than WebAssembly can address */
function checkFits({ dIn, dSae, batch }: Sizes, pages: number): void {
  if (pages <= MOST_PAGES) return;
  const gibibytes = (pages / MOST_PAGES) * 4;
  throw new RangeError(
    `a step with dIn ${dIn}, dSae ${dSae}, batch ${batch} needs ${gibibytes.toFixed(1)} GiB, but at most 4 GiB can be addressed: use a smaller batch or width`,
  );
}

/** What the problem says of candidates that begin at `at`. */
function candidateFields(at: number, capacity: number) {
  const part = candidateBytes(capacity) / 3;
  const places = { candidateIndices: at, candidateValues: at + part, candidateRanks: at + 2 * part };
  return { candidateCapacity: capacity, ...places };
}

/** A copy in memory of its own. `slice` of an array over shared memory gives one as well, by the species of typed arrays. */
const unshared = (values: Float32Array): Float32Array => new Float32Array(values);

const TILE = 32;

/** [rows, columns] to [columns, rows], in tiles that stay in the cache. */
function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let top = 0; top < rows; top += TILE)
    for (let left = 0; left < columns; left += TILE) {
      const [bottom, right] = [Math.min(top + TILE, rows), Math.min(left + TILE, columns)];
      for (let row = top; row < bottom; row++)
        for (let column = left; column < right; column++) out[column * rows + row] = values[row * columns + column]!;
    }
  return out;
}
