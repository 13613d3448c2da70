import type { Evaluation } from '@monosema/catalog';

/** What one chunk of contexts gave; see evaluation-program.ts. */
export interface EvaluationChunk {
  /** [rows * length] 1 where a token counts. */
  keep: ArrayLike<number>;
  x: ArrayLike<number>;
  squaredError: ArrayLike<number>;
  active: ArrayLike<number>;
  fired: ArrayLike<number>;
  clean: ArrayLike<number>;
  spliced: ArrayLike<number>;
  ablated: ArrayLike<number>;
  ablatedEverywhere: ArrayLike<number>;
}

/** Float64 sums over all tokens that count, from which every measure is made once: no mean of means. */
export class EvaluationSums {
  private tokens = 0;
  private active = 0;
  private squaredError = 0;
  private squares = 0;
  private readonly sums: Float64Array;
  private readonly fired: Uint8Array;
  private readonly losses = { count: 0, clean: 0, spliced: 0, ablated: 0, ablatedEverywhere: 0 };

  constructor(
    private readonly length: number,
    width: number,
    dSae: number,
  ) {
    this.sums = new Float64Array(width);
    this.fired = new Uint8Array(dSae);
  }

  add(chunk: EvaluationChunk): void {
    for (let token = 0; token < chunk.keep.length; token++) if (chunk.keep[token]) this.addToken(chunk, token);
    for (let feature = 0; feature < this.fired.length; feature++) if (chunk.fired[feature]) this.fired[feature] = 1;
  }

  private addToken(chunk: EvaluationChunk, token: number): void {
    const width = this.sums.length;
    this.tokens += 1;
    this.active += chunk.active[token]!;
    this.squaredError += chunk.squaredError[token]!;
    for (let d = 0; d < width; d++) {
      const value = chunk.x[token * width + d]!;
      this.sums[d]! += value;
      this.squares += value * value;
    }
    // The loss of the token after this one; the last position predicts nothing.
    const position = token % this.length;
    if (position === this.length - 1) return;
    const at = token - Math.floor(token / this.length);
    this.losses.count += 1;
    this.losses.clean += chunk.clean[at]!;
    this.losses.spliced += chunk.spliced[at]!;
    this.losses.ablated += chunk.ablated[at]!;
    this.losses.ablatedEverywhere += chunk.ablatedEverywhere[at]!;
  }

  /** @throws RangeError when no token counts */
  finish(): Evaluation {
    const { tokens, fired, losses } = this;
    if (tokens === 0) throw new RangeError('contexts hold nothing but special tokens: there is nothing to measure');
    const variance = this.squares - this.sums.reduce((total, sum) => total + sum * sum, 0) / tokens;
    const loss = (sum: number): number | null => (losses.count === 0 ? null : sum / losses.count);
    const score = (ablated: number): number | null =>
      ablated > losses.clean ? (ablated - losses.spliced) / (ablated - losses.clean) : null;
    const deadFeatures = fired.reduce((count, hasFired) => count + 1 - hasFired, 0);
    return {
      tokens,
      l0: this.active / tokens,
      mse: this.squaredError / tokens,
      explainedVariance: 1 - this.squaredError / variance,
      ceLossScore: score(losses.ablated),
      ceLossScoreEverywhere: score(losses.ablatedEverywhere),
      ceLossClean: loss(losses.clean),
      ceLossSpliced: loss(losses.spliced),
      ceLossAblated: loss(losses.ablated),
      ceLossAblatedEverywhere: loss(losses.ablatedEverywhere),
      deadFeatures,
      deadFraction: deadFeatures / fired.length,
    };
  }
}
