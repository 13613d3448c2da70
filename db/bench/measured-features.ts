import type { ExampleGroup, FeatureExample, FeatureRecord } from '@monosema/catalog';
import { seededRandom } from '../src/testing/seeded-random.ts';

/** Sizes of a dashboard as SAEDashboard makes it for Neuronpedia: 20 top examples and 5 of each of 5 intervals. */
const shape = {
  contextSize: 128,
  top: 20,
  intervals: 5,
  perInterval: 5,
  bins: 50,
  list: 10,
  tableRows: 3,
  nearest: 10,
};

/** A vocabulary of made-up words with the lengths of GPT-2's tokens. */
export function madeUpVocabulary(size: number): string[] {
  const random = seededRandom(5);
  const letters = 'etaoinshrdlucmfwypvbgkjqxz';
  return Array.from({ length: size }, () => {
    const length = 1 + Math.floor(random() * 4 + random() * 5);
    const word = Array.from({ length }, () => letters[Math.floor(26 * random() ** 2)]).join('');
    return random() < 0.65 ? ` ${word}` : word;
  });
}

/** Contexts whose tokens follow Zipf's law. */
export function madeUpContexts(count: number, vocabulary: number): Int32Array[] {
  const random = seededRandom(6);
  return Array.from({ length: count }, () =>
    Int32Array.from({ length: shape.contextSize }, () => Math.floor(vocabulary ** random()) % vocabulary),
  );
}

/** Features with everything that both layouts hold, from a seed. */
export function madeUpFeatures(count: number, contexts: number, vocabulary: number): FeatureRecord[] {
  const random = seededRandom(7);
  const upTo = (limit: number): number => Math.floor(random() * limit);
  const list = <T>(length: number, make: () => T): T[] => Array.from({ length }, make);
  const real = (): number => Math.fround(random() * 2 - 1);
  const histogram = (minimum: number, maximum: number, most: number) => ({
    ...{ minimum, maximum: Math.fround(maximum) },
    counts: Array.from({ length: shape.bins }, (_, bin) => Math.floor((random() * most) / (bin + 1))),
  });
  return Array.from({ length: count }, (_, index): FeatureRecord => {
    const ceiling = 2 + 20 * random();
    const total = shape.top + shape.intervals * shape.perInterval;
    const examples = list(total, () => example(upTo(contexts), ceiling, random)).sort((a, b) => b.maximum - a.maximum);
    const maximum = examples[0]!.maximum;
    const tokens = () => list(shape.list, () => ({ token: upTo(vocabulary), value: real() }));
    const correlates = () => list(shape.tableRows, () => ({ index: upTo(24_576), pearson: real(), cosine: real() }));
    return {
      ...{ index, firings: 1 + upTo(50_000), density: Math.fround(random() * 0.01), maximum, mean: maximum / 3 },
      ...{ histogram: histogram(0, maximum, 5000), topLogits: tokens(), bottomLogits: tokens(), topTokens: tokens() },
      ...{ score: Math.fround(random()), examples, groups: groupsOf(examples, maximum) },
      details: {
        moments: { variance: Math.fround(random()), skewness: real(), kurtosis: real() },
        logHistogram: histogram(-3, 2, 5000),
        logitHistogram: histogram(-1, 1, 5000),
        decoder: {
          norm: 1,
          alignment: list(shape.tableRows, () => ({ dimension: upTo(768), value: real(), share: Math.abs(real()) })),
          nearest: list(shape.nearest, () => ({ index: upTo(24_576), cosine: real() })),
          headShares: [],
        },
        ...{ coFiring: correlates(), neurons: correlates() },
      },
    };
  });
}

function example(context: number, ceiling: number, random: () => number): FeatureExample {
  // Most features fire on few tokens of a context.
  const positions = Array.from({ length: shape.contextSize }, (_, i) => i).filter(() => random() < 0.04);
  if (positions.length === 0) positions.push(Math.floor(random() * shape.contextSize));
  const values = positions.map(() => Math.fround(ceiling * (0.05 + 0.95 * random())));
  const maximum = Math.max(...values);
  return { context, position: positions[values.indexOf(maximum)]!, maximum, positions, values };
}

function groupsOf(examples: readonly FeatureExample[], maximum: number): ExampleGroup[] {
  const members = (from: number, to: number) =>
    examples.slice(from, to).map(({ position }, i) => ({ example: from + i, position }));
  const top: ExampleGroup = { kind: 'top', minimum: null, maximum, share: null, members: members(0, shape.top) };
  const intervals = Array.from({ length: shape.intervals }, (_, i): ExampleGroup => {
    const first = shape.top + i * shape.perInterval;
    const [minimum, end] = [(i * maximum) / shape.intervals, ((i + 1) * maximum) / shape.intervals];
    return { kind: 'interval', minimum, maximum: end, share: 0.2, members: members(first, first + shape.perInterval) };
  });
  return [top, ...intervals];
}
