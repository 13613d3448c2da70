import { openEngine, type Engine } from '@monosema/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { randomNumbers } from '../synthetic.fixture.ts';
import { decoderViews } from './decoder-views.ts';

let engine: Engine;
beforeAll(async () => void (engine = await openEngine({ threads: 1 })));
afterAll(() => engine.close());

test('norms, coordinates and neighbours are those of a plain computation, over several blocks', async () => {
  const [rows, width] = [600, 8];
  const random = randomNumbers(4);
  const directions = Float32Array.from({ length: rows * width }, () => random() * 4 - 2);
  directions.fill(0, 7 * width, 8 * width);
  const views = await decoderViews(engine, directions, width, { nearest: 5, alignment: 3, heads: 2 });
  const row = (i: number): number[] => [...directions.subarray(i * width, (i + 1) * width)];
  const dot = (a: number[], b: number[]): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  const norm = (a: number[]): number => Math.sqrt(dot(a, a));
  for (const index of [0, 255, 256, 599]) {
    const view = views[index]!;
    const mine = row(index);
    expect(view.norm).toBeCloseTo(norm(mine), 6);
    const order = mine.map((_, d) => d).sort((a, b) => Math.abs(mine[b]!) - Math.abs(mine[a]!));
    const total = mine.reduce((sum, value) => sum + Math.abs(value), 0);
    expect(view.alignment).toEqual(
      order.slice(0, 3).map((d) => ({ dimension: d, value: mine[d], share: Math.abs(mine[d]!) / total })),
    );
    const cosines = Array.from({ length: rows }, (_, other) => ({
      index: other,
      cosine: dot(mine, row(other)) / (norm(mine) * norm(row(other)) || 1),
    })).filter((other) => other.index !== index);
    cosines.sort((a, b) => b.cosine - a.cosine);
    expect(view.nearest.map((near) => near.index)).toEqual(cosines.slice(0, 5).map((near) => near.index));
    view.nearest.forEach(({ cosine }, i) => expect(cosine).toBeCloseTo(cosines[i]!.cosine, 5));
    const [first, second] = [norm(mine.slice(0, 4)), norm(mine.slice(4))];
    expect(view.headShares[0]).toBeCloseTo(first / (first + second), 6);
    expect(view.headShares[1]).toBeCloseTo(second / (first + second), 6);
  }
  expect(views[7]).toEqual({ norm: 0, alignment: [], nearest: [], headShares: [] });
});

test('an SAE of few features names those that there are', async () => {
  const views = await decoderViews(engine, Float32Array.of(1, 0, 1, 1), 2, { nearest: 10, alignment: 3 });
  expect(views[0]!.nearest).toEqual([{ index: 1, cosine: expect.closeTo(Math.SQRT1_2, 6) as number }]);
  expect(views[0]!.alignment).toEqual([
    { dimension: 0, value: 1, share: 1 },
    { dimension: 1, value: 0, share: 0 },
  ]);
});
