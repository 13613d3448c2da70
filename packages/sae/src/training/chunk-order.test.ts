import { expect, test } from 'vitest';
import { ActivationStore } from './activation-store.ts';
import { ChunkOrder, type Refill } from './chunk-order.ts';
import { meanOf } from './input-statistics.ts';

// Context c has c % 3 + 2 usable tokens; token t of context c is the number 10 * c + t.
const usable = Int32Array.from({ length: 30 }, (_, c) => (c % 3) + 2);
const total = usable.reduce((a, b) => a + b, 0);
const order = (seed = 1, refillTokens = 25): ChunkOrder =>
  new ChunkOrder({ seed, usable, contextsPerChunk: 4, refillTokens });

function store(
  options: { seed?: number; refillTokens?: number; cacheBytes?: number; computed?: Int32Array[] } = {},
): ActivationStore {
  return new ActivationStore({
    order: order(options.seed, options.refillTokens),
    dIn: 1,
    batch: 7,
    cacheBytes: options.cacheBytes ?? 0,
    activations(contexts) {
      options.computed?.push(contexts);
      const data = Float32Array.from(
        [...contexts].flatMap((c) => Array.from({ length: usable[c]! }, (_, t) => 10 * c + t)),
      );
      return Promise.resolve({ rows: data.length, data });
    },
  });
}
async function take(from: ActivationStore, firstStep: number, count: number): Promise<number[][]> {
  const batches: number[][] = [];
  for await (const batch of from.batches(firstStep)) if (batches.push([...batch]) === count) break;
  return batches;
}

test('every usable token of the text comes once in an epoch, shuffled', async () => {
  // Refills of a whole epoch; smaller ones are shuffled over its edge.
  const tokens = (await take(store({ refillTokens: total }), 0, Math.ceil(total / 7))).flat().slice(0, total);
  const all = [...usable].flatMap((length, c) => Array.from({ length }, (_, t) => 10 * c + t));
  expect([...tokens].sort((a, b) => a - b)).toEqual(all);
  expect(tokens).not.toEqual(all);
});

test.each([1, 5, 13, 40])('batches from step %i on are those that the whole run would have had', async (step) => {
  const whole = await take(store(), 0, 45);
  expect(await take(store(), step, 45 - step)).toEqual(whole.slice(step));
  expect(await take(store({ seed: 2 }), step, 3)).not.toEqual(whole.slice(step, step + 3));
});

test('a chunk is always forwarded whole, and only once while the cache has room', async () => {
  const computed: Int32Array[] = [];
  const uncached: Int32Array[] = [];
  expect(await take(store({ computed, cacheBytes: 1e6 }), 0, 45)).toEqual(
    await take(store({ computed: uncached }), 0, 45),
  );
  expect(computed).toHaveLength(order().chunks.length);
  expect(uncached.length).toBeGreaterThan(20);
  const known = new Set(order().chunks.map((chunk) => chunk.join()));
  expect(uncached.every((chunk) => known.has(chunk.join()))).toBe(true);
});

test('statistics are those of the first refill', async () => {
  const refill = order().refills().next().value as Refill;
  const values = refill.chunks
    .flatMap((chunk) => [...order().chunks[chunk]!])
    .flatMap((c) => Array.from({ length: usable[c]! }, (_, t) => 10 * c + t));
  const parts = await store().firstRefill();
  expect(parts.flatMap(({ data }) => [...data])).toEqual(values);
  expect(meanOf(parts, 1)[0]).toBeCloseTo(values.reduce((a, b) => a + b, 0) / values.length, 4);
});
