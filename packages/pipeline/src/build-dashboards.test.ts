import { openEngine, type Engine } from '@monosema/engine';
import { loadModel, type Model } from '@monosema/model';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildDashboards, type DashboardEvent, type DashboardOptions } from './build-dashboards.ts';
import { linearCongruential, madeUpSae } from './made-up-sae.fixture.ts';

const length = 16;
const next = linearCongruential(8);
const sae = madeUpSae(next, length);
const contexts = Array.from({ length: 12 }, () =>
  Int32Array.from({ length }, (_, i) => (i === 0 ? 1 : 300 + (next() % 50))),
);
let engine: Engine;
let model: Model;
beforeAll(async () => {
  engine = await openEngine({ threads: 1 });
  model = await loadModel('stories-260k');
});
afterAll(() => engine.close());

async function events(options: Partial<DashboardOptions>): Promise<DashboardEvent[]> {
  const all: DashboardEvent[] = [];
  for await (const event of buildDashboards({ engine, model, sae, contexts, ...options })) all.push(event);
  return all;
}

test('logit lists rank the tokens that the text holds, BOS left out', async () => {
  const seen = new Set(contexts.flatMap((context) => [...context.slice(1)]));
  const features = (await events({})).flatMap((event) => (event.kind === 'features' ? event.features : []));
  for (const { topLogits, bottomLogits } of features) {
    expect(topLogits).toHaveLength(10);
    for (const { token } of [...topLogits, ...bottomLogits]) expect(seen.has(token)).toBe(true);
  }
});

test('an SAE outside the residual stream gets no logit lists', async () => {
  const contract = { ...sae.config.contract, hookPoint: 'blocks.2.attn.hook_z' };
  const other = { ...sae, config: { ...sae.config, contract } };
  const features = (await events({ sae: other })).flatMap((event) => (event.kind === 'features' ? event.features : []));
  expect(features).toHaveLength(64);
  expect(features.every(({ topLogits, bottomLogits }) => topLogits.length + bottomLogits.length === 0)).toBe(true);
});

test('an abort ends the pass', async () => {
  const abort = new AbortController();
  const run = async (): Promise<void> => {
    const pass = buildDashboards({
      engine,
      model,
      sae,
      contexts,
      settings: { batchContexts: 2 },
      signal: abort.signal,
    });
    for await (const event of pass) if (event.kind === 'progress' && event.done > 0) abort.abort(new Error('enough'));
  };
  await expect(run()).rejects.toThrow('enough');
});

test('whoever stops listening leaves nothing running', async () => {
  for await (const event of buildDashboards({ engine, model, sae, contexts, settings: { batchContexts: 2 } }))
    if (event.kind === 'progress' && event.done > 0) break;
  expect((await events({})).at(-1)!.kind).toBe('features');
});

test('text that cannot be scanned is refused', async () => {
  await expect(events({ contexts: [] })).rejects.toThrow('at least one context');
  const uneven = [contexts[0]!, contexts[1]!.slice(0, 9)];
  await expect(events({ contexts: uneven })).rejects.toThrow('a context has 9 tokens, the first has 16');
});
