import { expect, test } from 'vitest';
import { randomNumbers } from '../synthetic.fixture.ts';
import { coFiring } from './co-firing.ts';
import { TokenLog } from './token-log.ts';

const [features, tokens] = [40, 500];

/** Dense activations, [tokens][features]; neighbours tend to fire together, the last never fires. */
function denseText(seed: number): number[][] {
  const random = randomNumbers(seed);
  return Array.from({ length: tokens }, () => {
    const centre = Math.floor(random() * features);
    return Array.from({ length: features }, (_, feature) =>
      feature < features - 1 && random() < 0.6 / (1 + Math.abs(feature - centre)) ? Math.fround(random() * 9) : 0,
    );
  });
}

function logOf(rows: readonly number[][], memoryBytes = 2 ** 20): TokenLog {
  const log = new TokenLog(memoryBytes);
  for (const row of rows) {
    const indices = row.flatMap((value, feature) => (value > 0 ? [feature] : []));
    const values = indices.map((feature) => row[feature]!);
    log.append(indices, values, 0, indices.length);
  }
  return log;
}

test('correlations are those of the dense activations', () => {
  const rows = denseText(1);
  const log = logOf(rows);
  const lists = [...coFiring(log, { features, tokens, size: 6 })];
  log.close();
  expect(lists).toHaveLength(features);
  const column = (feature: number): number[] => rows.map((row) => row[feature]!);
  const mean = (x: number[]): number => x.reduce((a, b) => a + b, 0) / x.length;
  const dot = (x: number[], y: number[]): number => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  const pearson = (x: number[], y: number[]): number => {
    const [a, b] = [x.map((value) => value - mean(x)), y.map((value) => value - mean(y))];
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  };
  for (const feature of [0, 7, 20, 38]) {
    const mine = column(feature);
    const all = Array.from({ length: features - 1 }, (_, index) => ({ index, value: pearson(mine, column(index)) }))
      .filter(({ index, value }) => index !== feature && value > 0)
      .sort((a, b) => b.value - a.value);
    expect(lists[feature]!.length).toBe(Math.min(6, all.length));
    lists[feature]!.forEach((found, i) => {
      expect(Math.abs(found.pearson - all[i]!.value)).toBeLessThan(1e-4);
      expect(Math.abs(found.pearson - pearson(mine, column(found.index)))).toBeLessThan(1e-4);
      const other = column(found.index);
      expect(Math.abs(found.cosine - dot(mine, other) / Math.sqrt(dot(mine, mine) * dot(other, other)))).toBeLessThan(
        1e-4,
      );
    });
  }
  expect(lists[features - 1]).toEqual([]);
});

test('whatever the memory, the order of tokens and the split over logs, the lists are identical', () => {
  const rows = denseText(2);
  const whole = logOf(rows);
  const expected = [...coFiring(whole, { features, tokens, size: 5 })];
  const random = randomNumbers(9);
  const shuffled = rows
    .map((row) => [random(), row] as const)
    .sort(([a], [b]) => a - b)
    .map(([, row]) => row);
  const [first, second] = [logOf(shuffled.slice(0, 133), 0), logOf(shuffled.slice(133), 2 ** 20)];
  first.merge(second);
  expect([...coFiring(first, { features, tokens, size: 5, memoryBytes: 3 * 8 * features })]).toEqual(expected);
  whole.close();
  first.close();
});

test('a cancelled count stops', () => {
  const log = logOf(denseText(3));
  const signal = AbortSignal.abort(new Error('enough'));
  expect(() => [...coFiring(log, { features, tokens, size: 5, signal })]).toThrow('enough');
  log.close();
});
