import { expect, test } from 'vitest';
import { keyedRandom, normal } from '../training/random.ts';
import { ContextSums, namedSums, sumNames, type ChunkOutputs } from './context-sums.ts';
import { bootstrapIntervals } from './intervals.ts';
import { measuresOf } from './measures.ts';

const zeros = (length: number): Float64Array => new Float64Array(length);
/** Contexts of one token, of the given squared errors about a variance of 1. */
function contextsOf(errors: readonly number[]): Float64Array[] {
  return errors.map((error) => {
    const sums = { ...namedSums(zeros(sumNames.length)), tokens: 1, squaredError: error, deviation: 1, active: error };
    return Float64Array.from(sumNames, (name) => sums[name]);
  });
}

test('95 % of intervals of a mean hold it', () => {
  let held = 0;
  const trials = 30;
  for (let trial = 0; trial < trials; trial++) {
    const random = keyedRandom(trial, 'interval');
    const errors = Array.from({ length: 60 }, () => 5 + normal(random));
    const [low, high] = bootstrapIntervals(contextsOf(errors), 0)!.mse!;
    if (low <= 5 && 5 <= high) held += 1;
  }
  expect(held / trials).toBeGreaterThan(0.88);
  expect(held / trials).toBeLessThan(1);
});

test('an interval is as wide as the error of the mean', () => {
  const random = keyedRandom(7, 'width');
  const errors = Array.from({ length: 400 }, () => 3 + 2 * normal(random));
  const { mse, explainedVariance } = bootstrapIntervals(contextsOf(errors), 0)!;
  expect(mse![1] - mse![0]).toBeCloseTo((2 * 1.96 * 2) / Math.sqrt(400), 1);
  expect(explainedVariance).toEqual([1 - mse![1], 1 - mse![0]]);
});

test('the same contexts give the same interval; few contexts give none; nor does what is not defined', () => {
  const contexts = contextsOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const intervals = bootstrapIntervals(contexts, 0)!;
  expect(bootstrapIntervals(contexts, 0)).toEqual(intervals);
  expect(bootstrapIntervals(contexts.slice(1), 0)).toBeNull();
  expect(intervals).not.toHaveProperty('ceLossScore');
  expect(intervals).toHaveProperty('l0');
});

/** Outputs for x [tokens, width] whose reconstruction is y. */
function outputsOf(x: number[][], y: number[][], mean: number[]): ChunkOutputs {
  const sum = (row: number[], of: (value: number, d: number) => number) => row.reduce((s, v, d) => s + of(v, d), 0);
  const outputs: Record<string, number[]> = {
    active: x.map(() => 1),
    l1: x.map(() => 1),
    squaredError: x.map((row, token) => sum(row, (value, d) => (value - y[token]![d]!) ** 2)),
    deviation: x.map((row) => sum(row, (value, d) => (value - mean[d]!) ** 2)),
    squaresIn: x.map((row) => sum(row, (value) => value ** 2)),
    squaresOut: y.map((row) => sum(row, (value) => value ** 2)),
    dot: x.map((row, token) => sum(row, (value, d) => value * y[token]![d]!)),
  };
  const shift = mean.map((value, d) => x.reduce((s, row) => s + row[d]! - value, 0));
  return (name) => (name === 'shift' ? shift : (outputs[name] ?? zeros(x.length)));
}
const evaluated = (chunks: { x: number[][]; y: number[][] }[], mean: number[]) => {
  const sums = new ContextSums(2, mean.length);
  for (const { x, y } of chunks)
    sums.add(
      x.map(() => 1),
      outputsOf(x, y, mean),
      false,
    );
  return measuresOf(sums.total(), sums.shiftSquared());
};
const random = keyedRandom(1, 'rows');
const rows = (offset: number): number[][] =>
  Array.from({ length: 400 }, () => [offset + normal(random), offset + normal(random)]);

test('#443, #665: with a large mean, predicting the mean explains nothing and the truth everything', () => {
  const x = rows(1000);
  const mean = [0, 1].map((d) => x.reduce((sum, row) => sum + row[d]!, 0) / x.length);
  // Also where deviations were taken about another point than the mean.
  for (const about of [mean, [999, 1001.5]]) {
    expect(evaluated([{ x, y: x.map(() => mean) }], about).explainedVariance).toBeCloseTo(0, 9);
    expect(evaluated([{ x, y: x }], about).explainedVariance).toBe(1);
    // mean of squared errors 2 · 0.25, of squared deviations about 2
    const off = x.map((row) => row.map((value) => value + 0.5));
    const { explainedVariance, fvu, mse } = evaluated([{ x, y: off }], about);
    expect(mse).toBeCloseTo(0.5, 9);
    expect(explainedVariance).toBeGreaterThan(0.7);
    expect(fvu).toBeCloseTo(1 - explainedVariance, 12);
  }
});

test('#711: no measure depends on how tokens are put into batches; recipe 16', () => {
  const [x, y] = [rows(3), rows(2)];
  const mean = [3, 3];
  const whole = evaluated([{ x, y }], mean);
  const parts = [0, 100, 120].map((from, i) => [from, [100, 120, 400][i]!] as const);
  const inParts = evaluated(
    parts.map(([from, to]) => ({ x: x.slice(from, to), y: y.slice(from, to) })),
    mean,
  );
  for (const [name, value] of Object.entries(whole))
    if (value === null) expect(inParts[name as keyof typeof inParts]).toBeNull();
    else expect(inParts[name as keyof typeof inParts]).toBeCloseTo(value, 10);
});

test('data without variance: explained only when exact', () => {
  const x = [[2, 2], [2, 2]]; // prettier-ignore
  expect(evaluated([{ x, y: x }], [2, 2]).explainedVariance).toBe(1);
  expect(evaluated([{ x, y: [[1, 2], [2, 2]] }], [2, 2]).explainedVariance).toBe(0); // prettier-ignore
});
