import { replacements, tokenOutputs } from './evaluation-program.ts';

/** What is summed over the tokens of a context that count. */
export const sumNames = [
  'tokens',
  ...tokenOutputs,
  'legacy',
  'normIn',
  'normOut',
  'normRatio',
  'cosine',
  'predictions',
  'loss.clean',
  ...replacements.map((name) => `loss.${name}` as const),
  ...replacements.map((name) => `kl.${name}` as const),
] as const;
export type SumName = (typeof sumNames)[number];
export type Sums = Readonly<Record<SumName, number>>;

/** Arrays by output of evaluation-program.ts. */
export type ChunkOutputs = (name: string) => ArrayLike<number>;

const column = Object.fromEntries(sumNames.map((name, index) => [name, index])) as Record<SumName, number>;
const lossNames = sumNames.filter((name) => name.startsWith('loss.'));
const klNames = sumNames.filter((name) => name.startsWith('kl.'));

/**
 * Float64 sums per context, from which every measure is made once: no mean of means. Kept apart by context, so that
 * contexts can be drawn again for intervals.
 */
export class ContextSums {
  private readonly rows: Float64Array[] = [];
  private readonly shift: Float64Array;

  constructor(
    private readonly length: number,
    width: number,
  ) {
    this.shift = new Float64Array(width);
  }

  /** @param keep [contexts * length], 1 where a token counts */
  add(keep: ArrayLike<number>, outputs: ChunkOutputs, losses: boolean): void {
    for (let start = 0; start < keep.length; start += this.length) this.rows.push(new Float64Array(sumNames.length));
    const first = this.rows.length - keep.length / this.length;
    const rowOf = (token: number): Float64Array => this.rows[first + Math.floor(token / this.length)]!;
    const values = tokenOutputs.map((name) => [column[name], outputs(name)] as const);
    for (let token = 0; token < keep.length; token++) {
      if (!keep[token]) continue;
      const row = rowOf(token);
      row[column.tokens]! += 1;
      for (const [at, of] of values) row[at]! += of[token]!;
    }
    this.addRatios(keep, outputs, rowOf);
    if (losses) this.addLosses(keep, outputs, rowOf);
    const shift = outputs('shift');
    for (let d = 0; d < shift.length; d++) this.shift[d]! += shift[d]!;
  }

  private addRatios(keep: ArrayLike<number>, outputs: ChunkOutputs, rowOf: (token: number) => Float64Array): void {
    const [error, deviation, dot] = [outputs('squaredError'), outputs('deviation'), outputs('dot')];
    const [squaresIn, squaresOut] = [outputs('squaresIn'), outputs('squaresOut')];
    for (let token = 0; token < keep.length; token++) {
      if (!keep[token]) continue;
      const row = rowOf(token);
      const [normIn, normOut] = [Math.sqrt(squaresIn[token]!), Math.sqrt(squaresOut[token]!)];
      row[column.normIn]! += normIn;
      row[column.normOut]! += normOut;
      row[column.normRatio]! += normOut / (normIn < 1e-4 ? 1 : normIn);
      row[column.cosine]! += normIn > 0 && normOut > 0 ? dot[token]! / normIn / normOut : 0;
      row[column.legacy]! += deviation[token]! > 0 ? 1 - error[token]! / deviation[token]! : 0;
    }
  }

  /** The last position of a context foresees no token of it; what it foresees can be compared all the same. */
  private addLosses(keep: ArrayLike<number>, outputs: ChunkOutputs, rowOf: (token: number) => Float64Array): void {
    const [losses, kls] = [lossNames, klNames].map((names) => names.map((n) => [column[n], outputs(n)] as const));
    for (let token = 0; token < keep.length; token++) {
      if (!keep[token]) continue;
      const row = rowOf(token);
      for (const [at, of] of kls!) row[at]! += of[token]!;
      if (token % this.length === this.length - 1) continue;
      row[column.predictions]! += 1;
      for (const [at, of] of losses!) row[at]! += of[token]!;
    }
  }

  /** Contexts, one after the other, in at most `count` groups. */
  groups(count: number): Float64Array[] {
    const groups = Math.min(count, this.rows.length);
    return Array.from({ length: groups }, (_, group) => {
      const from = Math.floor((group * this.rows.length) / groups);
      return added(this.rows.slice(from, Math.floor(((group + 1) * this.rows.length) / groups)));
    });
  }

  /** Over all contexts. */
  total(): Sums {
    return namedSums(added(this.rows));
  }

  get contexts(): number {
    return this.rows.length;
  }

  /** |mean of x - the mean that deviations are taken from|² over all tokens that count. */
  shiftSquared(): number {
    const { tokens } = this.total();
    return this.shift.reduce((total, sum) => total + (sum / tokens) ** 2, 0);
  }
}

export const namedSums = (row: Float64Array): Sums =>
  Object.fromEntries(sumNames.map((name, index) => [name, row[index]!])) as Record<SumName, number>;

function added(rows: readonly Float64Array[]): Float64Array {
  const total = new Float64Array(sumNames.length);
  for (const row of rows) for (let i = 0; i < total.length; i++) total[i]! += row[i]!;
  return total;
}
