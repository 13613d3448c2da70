import { expect, test } from 'vitest';
import { ActivationStore } from './activation-store.ts';
import { ChunkOrder, type Refill } from './chunk-order.ts';
import { meanOf } from './input-statistics.ts';
import { SharedChunks } from './shared-chunks.ts';

// Context c has c % 3 + 2 usable tokens and is filled up to 5 with token 0; its token t is 10 * c + t + 1, and so is its
// activation at the hook point h.
const usable = Int32Array.from({ length: 30 }, (_, c) => (c % 3) + 2);
const tokensOf = (c: number): number[] => Array.from({ length: usable[c]! }, (_, t) => 10 * c + t + 1);
const contexts = Array.from(usable, (_, c) => Int32Array.from({ length: 5 }, (_, t) => tokensOf(c)[t] ?? 0));
const total = usable.reduce((a, b) => a + b, 0);
const order = (seed = 1, refillTokens = 25): ChunkOrder =>
  new ChunkOrder({ seed, usable, contextsPerChunk: 4, refillTokens });

interface Given {
  seed?: number;
  refillTokens?: number;
  cacheBytes?: number;
  computed?: Int32Array[];
}

function sharedChunks({ seed, cacheBytes = 0, computed }: Given = {}): SharedChunks {
  const read = (_: string, places: Int32Array): Promise<Record<string, Float32Array>> => {
    computed?.push(places);
    return Promise.resolve({ h: Float32Array.from([...places].flatMap((c) => [...contexts[c]!])) });
  };
  const reader = { read, close: () => Promise.resolve() };
  return new SharedChunks({
    order: order(seed),
    reader,
    contexts,
    excluded: new Set([0]),
    widths: { h: 1 },
    cacheBytes,
  });
}
function store(given: Given = {}, shared = sharedChunks(given)): ActivationStore {
  return new ActivationStore({
    order: order(given.seed, given.refillTokens),
    chunks: shared.reader(),
    input: { hookPoint: 'h', width: 1 },
    batch: 7,
  });
}
async function take(from: ActivationStore, firstStep: number, count: number): Promise<number[][]> {
  const batches: number[][] = [];
  for await (const { x } of from.batches(firstStep, 1)) if (batches.push([...x]) === count) break;
  return batches;
}

test('every usable token of the text comes once in an epoch, shuffled', async () => {
  // Refills of a whole epoch; smaller ones are shuffled over its edge.
  const tokens = (await take(store({ refillTokens: total }), 0, Math.ceil(total / 7))).flat().slice(0, total);
  const all = contexts.flatMap((_, c) => tokensOf(c));
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
  const values = refill.chunks.flatMap((chunk) => [...order().chunks[chunk]!]).flatMap(tokensOf);
  const parts = await store().firstRefill('h');
  expect(parts.flatMap(({ data }) => [...data])).toEqual(values);
  expect(meanOf(parts, 1)[0]).toBeCloseTo(values.reduce((a, b) => a + b, 0) / values.length, 4);
});

test('two readers share what is computed, and what both are past is let go of', async () => {
  const alone = [await take(store({ refillTokens: 25 }), 0, 60), await take(store({ refillTokens: 60 }), 12, 48)];
  const computed: Int32Array[] = [];
  const shared = sharedChunks({ computed });
  const stores = [store({ refillTokens: 25 }, shared), store({ refillTokens: 60 }, shared)];
  const [all, late] = [stores[0]!.batches(0, 1), stores[1]!.batches(12, 1)];
  const seen: number[][][] = [[], []];
  for (let step = 0; step < 60; step++) {
    seen[0]!.push([...((await all.next()).value as { x: Float32Array }).x]);
    if (step >= 12) seen[1]!.push([...((await late.next()).value as { x: Float32Array }).x]);
    expect(shared.heldPlaces).toBeLessThanOrEqual(8); // the larger pool and a chunk at its edge
  }
  expect(seen).toEqual(alone);
  // 60 batches of 7 are 420 tokens; the larger pool reaches up to 60 tokens further.
  const tokens = computed.flatMap((places) => [...places]).reduce((sum, c) => sum + usable[c]!, 0);
  expect(tokens).toBeLessThan(420 + 60 + 25);
  stores[0]!.close();
  stores[1]!.close();
  expect(shared.heldPlaces).toBe(0);
});
