import { noDetails, type FeatureExample, type FeatureRecord, type TokenValue } from '@monosema/catalog';
import { seededRandom } from './seeded-random.ts';

export interface SyntheticShape {
  vocabularySize: number;
  contextSize: number;
  contextCount: number;
  /** Examples per feature. */
  examples?: number;
}

/** Feature records as a dashboard build makes them, from a seed: every seventh is dead, the others differ in everything. */
export function syntheticFeatures(count: number, shape: SyntheticShape, seed = 1): FeatureRecord[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, index) => (index % 7 === 6 ? dead(index) : live(index, shape, random)));
}

const dead = (index: number): FeatureRecord => ({
  index,
  firings: 0,
  density: 0,
  maximum: 0,
  mean: 0,
  histogram: { minimum: 0, maximum: 0, counts: [] },
  topLogits: [],
  bottomLogits: [],
  topTokens: [],
  score: 0,
  examples: [],
  groups: [],
  details: noDetails,
});

function live(index: number, shape: SyntheticShape, random: () => number): FeatureRecord {
  const maximum = Math.fround(0.5 + 20 * random());
  const firings = 1 + Math.floor(random() * 20_000);
  const tokens = (count: number, sign: number): TokenValue[] =>
    Array.from({ length: count }, () => ({
      token: Math.floor(random() * shape.vocabularySize),
      value: Math.fround(sign * random() * 5),
    })).sort((a, b) => sign * (b.value - a.value));
  const count = Math.min(shape.examples ?? 20, shape.contextCount);
  const contexts = new Set<number>();
  while (contexts.size < count) contexts.add(Math.floor(random() * shape.contextCount));
  return {
    index,
    firings,
    density: Math.fround(firings / 1e6),
    maximum,
    mean: Math.fround(maximum * random()),
    histogram: {
      minimum: 0,
      maximum,
      counts: Array.from({ length: 50 }, (_, bin) => Math.floor((random() * 2000) / (bin + 1))),
    },
    topLogits: tokens(20, 1),
    bottomLogits: tokens(20, -1),
    topTokens: tokens(20, 1),
    score: Math.fround(random()),
    examples: [...contexts]
      .map((context) => syntheticExample(context, shape.contextSize, maximum, random))
      .sort((a, b) => b.maximum - a.maximum),
    groups: [],
    details: noDetails,
  };
}

function syntheticExample(context: number, size: number, ceiling: number, random: () => number): FeatureExample {
  const positions = Array.from({ length: size }, (_, i) => i).filter(() => random() < 0.06);
  if (positions.length === 0) positions.push(Math.floor(random() * size));
  const values = positions.map(() => Math.fround(ceiling * (0.01 + 0.99 * random())));
  const maximum = Math.max(...values);
  return { context, position: positions[values.indexOf(maximum)]!, maximum, positions, values };
}
