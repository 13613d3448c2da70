import { afterAll, beforeAll, expect, test } from 'vitest';
import { seedCatalog, seedPieces, type SeededCatalog } from '@monosema/db/testing';
import { TRPCError } from '@trpc/server';
import { nearestOf } from './index.ts';
import { createTestApi, type TestApi } from './test-api.fixture.ts';

let t: TestApi;
let seeded: SeededCatalog;
beforeAll(async () => {
  t = await createTestApi();
  seeded = await seedCatalog(t.database.orm, { features: 30 });
});
afterAll(() => t.drop());

const failure = async (ask: Promise<unknown>): Promise<TRPCError> => {
  const error = await ask.then(
    () => new Error('nothing was refused'),
    (reason: unknown) => reason,
  );
  if (error instanceof TRPCError) return error;
  throw error;
};

test('a feature page holds texts, examples, neighbours and labels in one answer', async () => {
  const record = seeded.features.find((feature) => feature.examples.length > 0)!;
  const view = await t.as(null).feature.get({ modelId: 'toy', sourceId: '2-res-tk', index: record.index });
  expect(view.source).toMatchObject({ id: '2-res-tk', hookPoint: 'blocks.2.hook_resid_post' });
  expect(view.topLogits.map(({ text }) => text)).toEqual(record.topLogits.map(({ token }) => seedPieces[token]));
  expect(view.examples).toHaveLength(record.examples.length);
  const [example] = view.examples;
  expect(example!.texts).toEqual(example!.ids.map((id) => seedPieces[id]));
  expect(example!.positions).toContain(example!.position);
  expect(example!.maximum).toBeCloseTo(record.examples[0]!.maximum, 5);
  expect(view).toMatchObject({ labels: [], steering: [], previous: record.index > 0 ? record.index - 1 : null });
});

test('a table of features goes page by page, each row once', async () => {
  const seen: number[] = [];
  let cursor: string | null = null;
  do {
    const page: { rows: { index: number }[]; next: string | null } = await t
      .as(null)
      .source.features({ modelId: 'toy', sourceId: '2-res-tk', limit: 7, cursor });
    seen.push(...page.rows.map(({ index }) => index));
    cursor = page.next;
  } while (cursor !== null);
  expect(seen.sort((a, b) => a - b)).toEqual(seeded.features.map(({ index }) => index));
  const bad = await failure(t.as(null).source.features({ modelId: 'toy', sourceId: '2-res-tk', cursor: 'x' }));
  expect(bad).toMatchObject({ code: 'BAD_REQUEST' });
});

test.each([
  ['model', { modelId: 'toi', sourceId: '2-res-tk', index: 1 }, 'there is no model "toi"', '/toy'],
  ['source', { modelId: 'toy', sourceId: '2-res-tkk', index: 1 }, 'toy has no source "2-res-tkk"', '/toy/2-res-tk'],
  ['feature', { modelId: 'toy', sourceId: '2-res-tk', index: 99 }, 'features up to 29, not 99', '/toy/2-res-tk/29'],
])('an unknown %s says so and suggests the nearest', async (_part, address, message, nearest) => {
  const error = await failure(t.as(null).feature.get(address));
  expect(error.code).toBe('NOT_FOUND');
  expect(error.message).toContain(message);
  expect(nearestOf(error)).toContain(nearest);
});

test('models, sources, and a random and the best feature are found', async () => {
  const caller = t.as(null);
  expect(await caller.model.list()).toMatchObject([{ id: 'toy', sourceCount: 1, featureCount: 30 }]);
  expect((await caller.model.get({ modelId: 'toy' })).sources).toHaveLength(1);
  expect((await caller.source.get({ modelId: 'toy', sourceId: '2-res-tk' })).model.displayName).toBe('Model toy');
  expect(await caller.feature.random({ modelId: 'toy' })).toMatchObject({ modelId: 'toy', sourceId: '2-res-tk' });
  const { index } = await caller.feature.best({ modelId: 'toy', sourceId: '2-res-tk' });
  const scores = seeded.features.filter(({ firings }) => firings > 0).map(({ score }) => score);
  expect(seeded.features[index!]!.score).toBeCloseTo(Math.max(...scores), 5);
});

test('only a signed-in person labels and votes; the label is found on the page', async () => {
  const address = { modelId: 'toy', sourceId: '2-res-tk', index: 3 };
  expect((await failure(t.as(null).label.create({ ...address, text: 'dogs' }))).code).toBe('UNAUTHORIZED');
  const [ada, grace] = [await t.member('ada'), await t.member('grace')];
  const { labelId } = await t.as(ada).label.create({ ...address, text: '  dogs \n and bridges ' });
  expect(await t.as(grace).label.vote({ labelId, value: 1 })).toMatchObject({ upvotes: 1, score: 1, myVote: 1 });
  const page = await t.as(grace).feature.get(address);
  expect(page.labels).toMatchObject([{ text: 'dogs and bridges', author: { name: 'ada' }, score: 1, myVote: 1 }]);
  expect(JSON.stringify(page.labels)).not.toContain('@example.org');
  expect((await failure(t.as(grace).label.hide({ labelId }))).code).toBe('FORBIDDEN');
  await t.as(ada).label.hide({ labelId });
  expect(await t.as(null).label.list(address)).toEqual([]);
});

test('a label needs words and a feature', async () => {
  const ada = await t.member('lovelace');
  const address = { modelId: 'toy', sourceId: '2-res-tk', index: 3 };
  expect((await failure(t.as(ada).label.create({ ...address, text: '  ' }))).code).toBe('BAD_REQUEST');
  expect((await failure(t.as(ada).label.create({ ...address, index: 77, text: 'x' }))).code).toBe('NOT_FOUND');
  expect((await failure(t.as(ada).label.vote({ labelId: 'lab_none', value: 1 }))).code).toBe('NOT_FOUND');
});
