import type { DensityHistogram } from '@monosema/catalog';
import type { ChunkOutputs } from './context-sums.ts';

/** Bins of the density histogram, in powers of ten. */
const histogram = { from: -7, binWidth: 0.25, bins: 28 };

/** At how many tokens and in how many contexts each latent is active. */
export class ActivitySums {
  /** [d_sae] */
  readonly fired: Float64Array;
  /** [d_sae] */
  readonly firedContexts: Float64Array;

  constructor(dSae: number) {
    this.fired = new Float64Array(dSae);
    this.firedContexts = new Float64Array(dSae);
  }

  add(outputs: ChunkOutputs): void {
    const [fired, firedContexts] = [outputs('fired'), outputs('firedContexts')];
    for (let feature = 0; feature < this.fired.length; feature++) {
      this.fired[feature]! += fired[feature]!;
      this.firedContexts[feature]! += firedContexts[feature]!;
    }
  }

  /** The share of `tokens` at which each latent is active, [d_sae]. */
  density(tokens: number): Float64Array {
    return this.fired.map((count) => count / tokens);
  }
}

/** Of densities [d_sae]; features that are never active are in no bin. */
export function densityHistogram(density: Float64Array): DensityHistogram {
  const { from, binWidth, bins } = histogram;
  const counts = new Array<number>(bins).fill(0);
  for (const share of density) {
    if (share === 0) continue;
    const bin = Math.floor((Math.log10(share) - from) / binWidth);
    counts[Math.min(bins - 1, Math.max(0, bin))]! += 1;
  }
  return { from, binWidth, counts };
}
