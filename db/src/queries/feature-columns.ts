import type { FeatureRecord } from '@monosema/catalog';
import { unpackHistogram, unpackTokenValues } from '../packing/index.ts';
import { features } from '../schema/index.ts';

/** A feature without what only its page shows. */
export type FeatureNumbers = Omit<FeatureRecord, 'examples' | 'groups' | 'details'>;

/** The columns behind FeatureNumbers, packed as they lie in the table. */
export const numbersColumns = {
  index: features.index,
  firings: features.firings,
  density: features.density,
  maximum: features.maximum,
  mean: features.mean,
  score: features.score,
  histogram: features.histogram,
  topLogits: features.topLogits,
  bottomLogits: features.bottomLogits,
  topTokens: features.topTokens,
};

type Packed = Omit<typeof features.$inferSelect, 'buildId' | 'details'>;

export const unpackNumbers = (row: Packed): FeatureNumbers => ({
  ...row,
  histogram: unpackHistogram(row.histogram),
  topLogits: unpackTokenValues(row.topLogits),
  bottomLogits: unpackTokenValues(row.bottomLogits),
  topTokens: unpackTokenValues(row.topTokens),
});
