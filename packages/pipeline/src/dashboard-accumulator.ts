import type { FeatureDetails, FeatureRecord } from '@monosema/catalog';
import { coFiring } from './co-firing/co-firing.ts';
import { TokenLog } from './co-firing/token-log.ts';
import { examplesOf } from './examples.ts';
import { FiringLog, type Firings } from './firing-log.ts';
import { histogramOf, logHistogramOf } from './histogram.ts';
import { momentsOf } from './moments.ts';
import { dashboardSettingsSchema, type DashboardSettings, type DashboardSettingsInput } from './settings.ts';
import type { SparseRows } from '@monosema/sae';
import { topTokensOf } from './top-tokens.ts';

/** What the text alone says of a feature; logit effects, the score and further details come from the weights too. */
export type FeatureStatistics = Omit<FeatureRecord, 'topLogits' | 'bottomLogits' | 'score' | 'details'> & {
  details: Pick<FeatureDetails, 'moments' | 'logHistogram' | 'coFiring'>;
};

export interface AccumulatorOptions {
  dSae: number;
  contextSize: number;
  /** Tokens whose activations are not counted (BOS, padding). */
  excludedTokens: readonly number[];
  settings?: DashboardSettingsInput;
  /** See FiringLogOptions. */
  memoryBytes?: number;
  folder?: string;
}

/**
 * Gathers the sparse activations of contexts, in any order, and makes every feature's statistics of them.
 *
 * Contexts may be split over many accumulators: merging them gives records identical to one accumulator's, because
 * merging joins sets of firings and every number is computed from the joined set in the order of the text
 * (see FiringLog). No second model pass, and memory does not grow with the text.
 *
 * @example
 * const accumulator = new DashboardAccumulator({ dSae: 1024, contextSize: 128, excludedTokens: [1] });
 * accumulator.add(0, contexts[0], await encoder.encode(residuals));
 * for (const feature of accumulator.finish((i) => contexts[i])) …
 */
export class DashboardAccumulator {
  private readonly log: FiringLog;
  private readonly tokens: TokenLog;
  private readonly settings: DashboardSettings;
  private readonly excluded: ReadonlySet<number>;
  /** Tokens seen, excluded ones left out. */
  scannedTokens = 0;

  constructor(private readonly options: AccumulatorOptions) {
    this.settings = dashboardSettingsSchema.parse(options.settings ?? {});
    this.excluded = new Set(options.excludedTokens);
    const { dSae, memoryBytes = 128 * 2 ** 20, folder } = options;
    this.log = new FiringLog({ features: dSae, memoryBytes, folder });
    this.tokens = new TokenLog(memoryBytes / 2, folder);
  }

  /**
   * Adds a context. Each context must be added to one accumulator, once.
   *
   * @param context its number in the token set
   * @param ids its tokens, [contextSize]
   * @param active its activations: rows firstRow … firstRow + contextSize − 1
   * @throws RangeError when the context has another length, or its number is too large for 2^32 tokens
   */
  add(context: number, ids: ArrayLike<number>, active: SparseRows, firstRow = 0): void {
    const { contextSize } = this.options;
    if (ids.length !== contextSize)
      throw new RangeError(`context ${context} has ${ids.length} tokens, not ${contextSize}`);
    if ((context + 1) * contextSize > 2 ** 32) throw new RangeError(`context ${context} lies beyond 2^32 tokens`);
    if (firstRow + contextSize > active.rows)
      throw new RangeError(
        `context ${context} needs rows ${firstRow} to ${firstRow + contextSize - 1} of ${active.rows}`,
      );
    for (let position = 0; position < contextSize; position++) {
      if (this.excluded.has(ids[position]!)) continue;
      this.scannedTokens++;
      const row = firstRow + position;
      const end = active.offsets[row + 1]!;
      if (this.settings.coFiring > 0) this.tokens.append(active.indices, active.values, active.offsets[row]!, end);
      for (let i = active.offsets[row]!; i < end; i++) {
        const value = active.values[i]!;
        if (value > 0) this.log.append(active.indices[i]!, context * contextSize + position, value);
      }
    }
  }

  /** Takes over what `other` gathered; `other` must not be used afterwards. */
  merge(other: DashboardAccumulator): void {
    if (other.options.contextSize !== this.options.contextSize)
      throw new RangeError(`context sizes differ: ${other.options.contextSize} and ${this.options.contextSize}`);
    this.log.merge(other.log);
    this.tokens.merge(other.tokens);
    this.scannedTokens += other.scannedTokens;
  }

  /**
   * Every feature in order of index, dead ones too; a lazy sequence, so that a whole SAE never stands in memory.
   *
   * @param contextAt tokens of a context, to name the tokens on which a feature fires
   */
  *finish(contextAt: (context: number) => ArrayLike<number>): Generator<FeatureStatistics> {
    const { dSae: features } = this.options;
    const together = coFiring(this.tokens, { features, tokens: this.scannedTokens, size: this.settings.coFiring });
    for (const { feature, firings } of this.log.read()) {
      const { value } = together.next();
      yield this.statisticsOf(feature, firings, contextAt, value || []);
    }
  }

  /** Frees memory and temporary files. */
  close(): void {
    this.log.close();
    this.tokens.close();
  }

  private statisticsOf(
    index: number,
    firings: Firings,
    contextAt: (context: number) => ArrayLike<number>,
    coFiring: FeatureDetails['coFiring'],
  ): FeatureStatistics {
    const { contextSize } = this.options;
    const { places, values } = firings;
    const tokens = new Int32Array(places.length);
    let maximum = 0;
    let sum = 0;
    for (let i = 0; i < places.length; i++) {
      tokens[i] = contextAt(Math.floor(places[i]! / contextSize))[places[i]! % contextSize]!;
      maximum = Math.max(maximum, values[i]!);
      sum += values[i]!;
    }
    return {
      index,
      firings: places.length,
      density: places.length / Math.max(1, this.scannedTokens),
      maximum,
      mean: sum / Math.max(1, places.length),
      histogram: histogramOf(values, maximum, this.settings.histogramBins),
      topTokens: topTokensOf(tokens, values, this.settings.topTokens),
      ...examplesOf(firings, contextSize, this.settings),
      details: {
        moments: momentsOf(values),
        logHistogram: logHistogramOf(values, this.settings.histogramBins),
        coFiring,
      },
    };
  }
}
