import { featureRecordSchema, noDetails } from '@monosema/catalog';
import { expect, test } from 'vitest';
import { DashboardAccumulator, type FeatureStatistics } from './dashboard-accumulator.ts';
import type { DashboardSettingsInput } from './settings.ts';
import { randomNumbers, sparseRows, syntheticText, type SyntheticText } from './synthetic.fixture.ts';

const shape = { contexts: 60, contextSize: 16, dSae: 200, vocabulary: 40, fill: 0.3 };
const settings: DashboardSettingsInput = { topExamples: 5, intervalExamples: 2, topTokens: 4, histogramBins: 10 };
const open = (memoryBytes?: number): DashboardAccumulator =>
  new DashboardAccumulator({
    dSae: shape.dSae,
    contextSize: shape.contextSize,
    excludedTokens: [1],
    settings,
    memoryBytes,
  });

function recordsOf(accumulator: DashboardAccumulator, { contexts }: SyntheticText): FeatureStatistics[] {
  const records = [...accumulator.finish((i) => contexts[i]!)];
  accumulator.close();
  return records;
}

function whole(text: SyntheticText): FeatureStatistics[] {
  const accumulator = open();
  text.contexts.forEach((ids, i) => accumulator.add(i, ids, text.active[i]!));
  return recordsOf(accumulator, text);
}

test.each([1, 2, 3, 4, 5, 6])('any split of the contexts, in any order, gives identical records (seed %i)', (seed) => {
  const text = syntheticText({ ...shape, seed });
  const random = randomNumbers(seed + 1000);
  const order = text.contexts.map((_, i) => [random(), i] as const).sort(([a], [b]) => a - b);
  // From one to six accumulators, some with so little memory that everything goes through a file.
  const parts = Array.from({ length: 1 + (seed % 6) }, (_, i) => open(i % 2 === 0 ? 1000 : undefined));
  for (const [, i] of order) parts[Math.floor(random() * parts.length)]!.add(i, text.contexts[i]!, text.active[i]!);
  const [first, ...rest] = parts;
  for (const part of rest) first!.merge(part);
  expect(recordsOf(first!, text)).toEqual(whole(text));
});

test('an accumulator goes on after a merge', () => {
  const text = syntheticText({ ...shape, seed: 7 });
  const [a, b] = [open(), open(1000)];
  text.contexts.slice(0, 20).forEach((ids, i) => b.add(i, ids, text.active[i]!));
  text.contexts.slice(20, 30).forEach((ids, i) => a.add(20 + i, ids, text.active[20 + i]!));
  a.merge(b);
  text.contexts.slice(30).forEach((ids, i) => a.add(30 + i, ids, text.active[30 + i]!));
  expect(recordsOf(a, text)).toEqual(whole(text));
});

test('the statistics agree with a naive dense computation', () => {
  const text = syntheticText({ ...shape, seed: 8 });
  const records = whole(text);
  expect(records.map((r) => r.index)).toEqual(Array.from({ length: shape.dSae }, (_, i) => i));
  for (const record of records) {
    const dense = denseActivations(text, record.index);
    const counted = dense.flatMap((row, c) => row.filter((_, p) => text.contexts[c]![p] !== 1));
    const fires = counted.filter((a) => a > 0);
    expect(record.firings).toBe(fires.length);
    expect(record.density).toBe(fires.length / counted.length);
    expect(record.maximum).toBe(Math.max(0, ...fires));
    if (fires.length > 0) expect(record.mean).toBeCloseTo(fires.reduce((s, a) => s + a, 0) / fires.length, 10);
    expect(record.histogram.counts.reduce((s, n) => s + n, 0)).toBe(fires.length);
    record.histogram.counts.forEach((count, bin) => {
      const low = (bin * record.maximum) / 10;
      const high = bin === 9 ? Infinity : ((bin + 1) * record.maximum) / 10;
      expect(count).toBe(fires.filter((a) => a >= low && a < high).length);
    });
    expect(record.topTokens).toEqual(naiveTopTokens(text, dense));
    const best = dense
      .map((row, context) => ({ context, maximum: Math.max(0, ...row.slice(1)) }))
      .filter((c) => c.maximum > 0);
    best.sort((a, b) => b.maximum - a.maximum || a.context - b.context);
    expect(record.examples.slice(0, 5).map(({ context, maximum }) => ({ context, maximum }))).toEqual(best.slice(0, 5));
    for (const example of record.examples) {
      const row = dense[example.context]!.map((a, p) => (p === 0 ? 0 : a));
      expect(example.position).toBe(row.indexOf(example.maximum));
      expect(example.positions).toEqual(row.flatMap((a, p) => (a > 0 ? [p] : [])));
      expect(example.values).toEqual(row.filter((a) => a > 0));
    }
  }
});

test('every group holds what its name says, one example per context, in falling order', () => {
  const text = syntheticText({ ...shape, seed: 9 });
  for (const record of whole(text)) {
    const firing = denseActivations(text, record.index).flatMap((row) => row.slice(1).filter((a) => a > 0));
    expect(new Set(record.examples.map((e) => e.context)).size).toBe(record.examples.length);
    const maxima = record.examples.map((e) => e.maximum);
    expect(maxima).toEqual([...maxima].sort((a, b) => b - a));
    const members = new Set(record.groups.flatMap((group) => group.members.map(({ example }) => example)));
    expect(members.size).toBe(record.examples.length);
    for (const { kind, minimum, maximum, share, members } of record.groups) {
      const valueAt = ({ example, position }: (typeof members)[number]): number => {
        const { positions, values } = record.examples[example]!;
        return values[positions.indexOf(position)]!;
      };
      if (kind === 'top')
        expect(members).toEqual(members.map((_, i) => ({ example: i, position: record.examples[i]!.position })));
      else {
        const inside = firing.filter(
          (a) => a >= minimum! && (a < maximum! || kind === 'quantile' || a === record.maximum),
        );
        const counted = inside.filter((a) => a <= maximum!).length;
        expect(share).toBeCloseTo(counted / firing.length, 10);
        expect(members.length).toBeLessThanOrEqual(2);
        for (const member of members) {
          expect(valueAt(member)).toBeGreaterThanOrEqual(minimum!);
          expect(valueAt(member)).toBeLessThanOrEqual(maximum!);
        }
      }
    }
    const shares = (wanted: string) =>
      record.groups.reduce((sum, { kind, share }) => (kind === wanted ? sum + share! : sum), 0);
    if (record.firings > 0)
      expect([shares('interval'), shares('quantile')].map((s) => Math.round(s * 1e9))).toEqual([1e9, 1e9]);
    if (record.firings >= 40)
      expect(record.groups.filter(({ kind }) => kind === 'quantile').map(({ members }) => members.length)).toEqual([
        2, 2, 2, 2,
      ]);
  }
});

test('moments and the logarithmic histogram agree with a naive computation', () => {
  const text = syntheticText({ ...shape, seed: 12 });
  for (const { index, firings, details } of whole(text)) {
    if (firings < 3) continue;
    const values = denseActivations(text, index).flatMap((row) => row.slice(1).filter((a) => a > 0));
    const mean = values.reduce((s, a) => s + a, 0) / values.length;
    const central = (power: number) => values.reduce((s, a) => s + (a - mean) ** power, 0) / values.length;
    expect(details.moments!.variance).toBeCloseTo(central(2), 8);
    expect(details.moments!.skewness).toBeCloseTo(central(3) / central(2) ** 1.5, 6);
    expect(details.moments!.kurtosis).toBeCloseTo(central(4) / central(2) ** 2 - 3, 6);
    const { minimum, maximum, counts } = details.logHistogram!;
    expect(minimum).toBeCloseTo(Math.log10(Math.min(...values)), 6);
    expect(maximum).toBeCloseTo(Math.log10(Math.max(...values)), 6);
    expect(counts.reduce((s, n) => s + n, 0)).toBe(values.length);
    const width = (maximum - minimum) / counts.length;
    counts.forEach((count, bin) => {
      const low = minimum + bin * width + 1e-6;
      const sure = values.filter((a) => Math.log10(a) > low && Math.log10(a) < low + width - 2e-6).length;
      expect(count).toBeGreaterThanOrEqual(sure);
    });
  }
});

test('a dead feature has an empty dashboard', () => {
  expect(whole(syntheticText({ ...shape, seed: 10 }))[0]).toEqual({
    index: 0,
    firings: 0,
    density: 0,
    maximum: 0,
    mean: 0,
    histogram: { minimum: 0, maximum: 0, counts: [] },
    topTokens: [],
    examples: [],
    groups: [],
    details: { moments: null, logHistogram: null, coFiring: [] },
  });
});

test('records fit the catalog', () => {
  for (const record of whole(syntheticText({ ...shape, seed: 11 }))) {
    const details = { ...noDetails, ...record.details };
    featureRecordSchema.parse({ ...record, topLogits: [], bottomLogits: [], score: 0, details });
  }
});

test('a batch of several contexts is read from its first row on', () => {
  const active = sparseRows([[[3, 1]], [[3, 2]], [[4, 3]], [[4, 4]]]);
  const accumulator = new DashboardAccumulator({ dSae: 8, contextSize: 2, excludedTokens: [] });
  accumulator.add(0, [5, 6], active, 0);
  accumulator.add(1, [5, 6], active, 2);
  const records = [...accumulator.finish(() => [5, 6])];
  expect(records[4]!.examples).toEqual([{ context: 1, position: 1, maximum: 4, positions: [0, 1], values: [3, 4] }]);
  expect(records[3]!.topTokens).toEqual([
    { token: 6, value: 2 },
    { token: 5, value: 1 },
  ]);
});

test('contexts that do not fit are refused by name', () => {
  const accumulator = new DashboardAccumulator({ dSae: 8, contextSize: 2, excludedTokens: [] });
  const active = sparseRows([[], []]);
  expect(() => accumulator.add(4, [1, 2, 3], active)).toThrow('context 4 has 3 tokens, not 2');
  expect(() => accumulator.add(4, [1, 2], active, 1)).toThrow('context 4 needs rows 1 to 2 of 2');
  expect(() => accumulator.add(2 ** 31, [1, 2], active)).toThrow('2^32 tokens');
  expect(() => accumulator.add(0, [1, 2], sparseRows([[[900, 1]], []]))).toThrow('feature 900');
});

function denseActivations({ active }: SyntheticText, feature: number): number[][] {
  return active.map(({ rows, offsets, indices, values }) =>
    Array.from({ length: rows }, (_, row) => {
      const at = indices.subarray(offsets[row], offsets[row + 1]).indexOf(feature);
      return at < 0 ? 0 : values[offsets[row]! + at]!;
    }),
  );
}

function naiveTopTokens({ contexts }: SyntheticText, dense: number[][]): { token: number; value: number }[] {
  const sums = new Array<number>(shape.vocabulary).fill(0);
  dense.forEach((row, c) =>
    row.forEach((a, p) => (contexts[c]![p] === 1 ? undefined : (sums[contexts[c]![p]!]! += a))),
  );
  const tokens = sums.map((value, token) => ({ token, value })).filter((t) => t.value > 0);
  return tokens.sort((a, b) => b.value - a.value || a.token - b.token).slice(0, 4);
}
