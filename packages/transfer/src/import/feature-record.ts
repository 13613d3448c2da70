import type { Correlate, FeatureRecord, Histogram, TokenValue } from '@monosema/catalog';
import type { ImportedCorrelation, ImportedFeature, ImportedHistogram, ImportedTokenValue } from '@monosema/exchange';

/** Turns token strings into ids. */
export type TokenIds = (texts: readonly string[]) => number[];

/**
 * An imported feature as the catalog keeps it, without examples. How often it fires is counted in its histogram, else
 * estimated from its density; its mean, which no layout has, is that of the histogram's bars.
 *
 * @param tokens how many tokens were scanned; null when nobody said so
 */
export function featureRecordOf(feature: ImportedFeature, idsOf: TokenIds, tokens: number | null): FeatureRecord {
  const histogram = histogramOf(feature.activationHistogram);
  const counted = histogram.counts.reduce((sum, count) => sum + count, 0);
  const density = finite(feature.density) ?? 0;
  const maximum = finite(feature.maximum) ?? (histogram.counts.length > 0 ? histogram.maximum : 0);
  const bars = histogram.bars ?? [];
  return {
    index: feature.index,
    firings: counted > 0 ? counted : density > 0 ? Math.max(1, Math.round(density * (tokens ?? 0))) : 0,
    density,
    maximum,
    mean: counted > 0 ? bars.reduce((sum, bar, i) => sum + bar * histogram.counts[i]!, 0) / counted : 0,
    histogram,
    topLogits: tokenValuesOf(feature.topLogits, idsOf),
    bottomLogits: tokenValuesOf(feature.bottomLogits, idsOf),
    topTokens: [],
    score: 0,
    examples: [],
    groups: [],
    details: {
      moments: null,
      logHistogram: null,
      logitHistogram: feature.logitHistogram && histogramOf(feature.logitHistogram),
      decoder: {
        norm: null,
        alignment: feature.neuronAlignment
          .filter(({ value, l1Share }) => Number.isFinite(value) && Number.isFinite(l1Share))
          .map(({ index, value, l1Share }) => ({ dimension: index, value, share: l1Share })),
        nearest: feature.nearestFeatures.filter(({ cosine }) => Number.isFinite(cosine)),
        headShares: feature.headShares.filter(Number.isFinite),
      },
      coFiring: correlatesOf(feature.correlatedFeatures),
      neurons: correlatesOf(feature.correlatedNeurons),
    },
  };
}

const finite = (value: number | null): number | null => (value !== null && Number.isFinite(value) ? value : null);

/** Bars stand in the middle of bins of equal width. */
function histogramOf(imported: ImportedHistogram | null): Histogram {
  const { centres = [], heights = [] } = imported ?? {};
  const [first, last] = [centres[0], centres.at(-1)];
  if (first === undefined || last === undefined) return { minimum: 0, maximum: 0, counts: [] };
  const half = centres.length > 1 ? (last - first) / (centres.length - 1) / 2 : 0;
  return { minimum: first - half, maximum: last + half, counts: heights.map(Math.round), bars: [...centres] };
}

function tokenValuesOf(values: readonly ImportedTokenValue[], idsOf: TokenIds): TokenValue[] {
  const whole = values.filter(({ value }) => Number.isFinite(value));
  const ids = idsOf(whole.map(({ token }) => token));
  return whole.map(({ value }, i) => ({ token: ids[i]!, value }));
}

/** What does not vary correlates with nothing: not a number. */
const correlatesOf = (correlations: readonly ImportedCorrelation[]): Correlate[] =>
  correlations.filter(({ pearson, cosine }) => Number.isFinite(pearson) && Number.isFinite(cosine));
