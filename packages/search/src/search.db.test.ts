import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SearchDocument } from '@monosema/catalog';
import { createLabel, hideLabel, insertUser } from '@monosema/db/queries';
import { createTestDatabase, type TestDatabase } from '@monosema/db/testing';
import { openSearch, type Search } from './index.ts';

let database: TestDatabase;
let search: Search;
let modelId: string;
let made = 0;
beforeAll(async () => {
  database = await createTestDatabase();
  search = openSearch(database.orm);
});
afterAll(() => database.drop());
beforeEach(() => {
  modelId = `toy-${++made}`;
});

const document = (index: number, changes: Partial<SearchDocument> = {}): SearchDocument => ({
  modelId,
  sourceId: '2-res-tk',
  index,
  labels: [],
  topTokens: [],
  topLogits: [],
  density: 0.01,
  score: 0.5,
  ...changes,
});
const found = async (text: string, place: { sourceId?: string; limit?: number; offset?: number } = {}) =>
  (await search.query({ text, modelId, ...place })).hits.map((hit) => hit.index);

describe('a query with typing errors', () => {
  test('"goldn brige" finds the Golden Gate Bridge before, and nothing of, its rivals', async () => {
    await search.index([
      document(1, { labels: ['golden retrievers'], score: 1 }),
      document(2, { labels: ['the bridge of a song'], score: 1 }),
      document(3, { labels: ['mentions of the Golden Gate Bridge'], score: 0.1 }),
      document(4, { topTokens: ['gold', 'bride'], score: 1 }),
      document(5, { labels: ['brides in gowns'], topTokens: ['gown'], score: 1 }),
      document(6, { topTokens: ['golden', 'bridge'], score: 0.9 }),
    ]);
    // Gold and a bride are one letter from what was typed, too: 4 and 6 may follow. The others lack a word.
    const hits = await found('goldn brige');
    expect(hits[0]).toBe(3);
    expect([...hits].sort()).toEqual([3, 4, 6]);
    const [best] = (await search.query({ text: 'goldn brige', modelId })).hits;
    expect(best?.matches).toEqual([
      {
        field: 'label',
        text: 'mentions of the Golden Gate Bridge',
        ranges: [
          [16, 22],
          [28, 34],
        ],
        exact: false,
      },
    ]);
  });

  test('"litle gril" finds the little girl first, not the grill', async () => {
    await search.index([
      document(1, { labels: ['a grill'], score: 1 }),
      document(2, { topTokens: ['title', 'page'], score: 1 }),
      document(3, { topTokens: ['girl'], topLogits: ['little'], score: 0.2 }),
      document(4, { labels: ['words after "little girl"'], score: 0.1 }),
    ]);
    expect(await found('litle gril')).toEqual([4, 3]);
  });

  test('two swapped letters of a short word are forgiven', async () => {
    await search.index([document(1, { topTokens: ['dog'] }), document(2, { topTokens: ['day'] })]);
    expect(await found('dgo')).toEqual([1]);
  });
});

describe('ranking', () => {
  test('exact before nearly, label before token before logit, then score', async () => {
    await search.index([
      document(1, { topLogits: ['dragon'], score: 0.9 }),
      document(2, { topTokens: ['dragon'], score: 0.1 }),
      document(3, { topTokens: ['dragon'], score: 0.2 }),
      document(4, { labels: ['a dragon'], score: 0.1 }),
      document(5, { labels: ['dragoon guards'], score: 1 }),
      document(6, { labels: ['dragons'], score: 1 }),
      document(7, { topTokens: ['wagon'], score: 1 }),
    ]);
    expect(await found('dragon')).toEqual([4, 6, 3, 2, 1, 5]);
  });

  test('every word must match; all in one place before scattered ones', async () => {
    await search.index([
      document(1, { topTokens: ['red'], topLogits: ['balloon'], score: 1 }),
      document(2, { topTokens: ['red', 'balloon'], score: 0.1 }),
      document(3, { topTokens: ['red'], score: 1 }),
    ]);
    expect(await found('balloon red')).toEqual([2, 1]);
    expect(await found('red zeppelin')).toEqual([]);
  });

  test('case and accents do not matter, the text shown is as it was written', async () => {
    await search.index([document(1, { labels: ['Le CAFÉ'] }), document(2, { topTokens: ['Café'] })]);
    const { hits } = await search.query({ text: 'cafe', modelId });
    expect(hits.map((hit) => hit.index)).toEqual([1, 2]);
    expect(hits.map((hit) => hit.matches[0])).toEqual([
      { field: 'label', text: 'Le CAFÉ', ranges: [[3, 7]], exact: true },
      { field: 'token', text: 'Café', ranges: [[0, 4]], exact: true },
    ]);
  });

  test('tokens of punctuation are found as they are', async () => {
    await search.index([
      document(1, { topTokens: ['();'] }),
      document(2, { topTokens: ['"'] }),
      document(3, { topLogits: ['%'] }),
    ]);
    expect(await found('();')).toEqual([1]);
    expect(await found('"')).toEqual([2]);
    expect(await found('%')).toEqual([3]);
    expect(await found('   ')).toEqual([]);
    expect(await found("'; drop table --\\ \u0001")).toEqual([]);
  });
});

describe('places and pages', () => {
  test('a model and a source narrow the search', async () => {
    await search.index([
      document(1, { topTokens: ['otter'] }),
      document(2, { topTokens: ['otter'], sourceId: '3-res-tk' }),
      document(3, { topTokens: ['otter'], modelId: `${modelId}-other` }),
    ]);
    expect(await found('otter')).toEqual([1, 2]);
    expect(await found('otter', { sourceId: '3-res-tk' })).toEqual([2]);
    expect((await search.query({ text: 'otter' })).total).toBe(3);
    await search.removeSource(modelId, '2-res-tk');
    expect(await found('otter')).toEqual([2]);
  });

  test('pages do not overlap and tell the total, the one beyond the last too', async () => {
    await search.index(Array.from({ length: 45 }, (_, index) => document(index, { topTokens: ['lion'] })));
    const pages = [0, 20, 40, 60].map((offset) => search.query({ text: 'lion', modelId, limit: 20, offset }));
    const read = await Promise.all(pages);
    expect(read.map((page) => page.total)).toEqual([45, 45, 45, 45]);
    expect(read.flatMap((page) => page.hits.map((hit) => hit.index))).toEqual(Array.from({ length: 45 }, (_, i) => i));
  });

  test('indexing again replaces', async () => {
    await search.index([document(1, { topTokens: ['lemur'] }), document(1, { topTokens: ['tapir'] })]);
    expect(await found('lemur')).toEqual([]);
    await search.index([document(1, { topTokens: ['lemur'] })]);
    expect(await found('tapir')).toEqual([]);
    expect(await found('lemur')).toEqual([1]);
  });
});

describe('labels that people write', () => {
  const at = (index: number) => ({ modelId, sourceId: '2-res-tk', index });
  const author = async (): Promise<string> =>
    (await insertUser(database.orm, { name: 'Ada', email: `ada-${modelId}@example.org` }))!.id;

  test('are found at once, and hidden ones no more', async () => {
    await search.index([document(1, { labels: ['imported words'] })]);
    const address = at(1);
    const label = await createLabel(database.orm, { address, text: 'Talking animals', authorId: await author() });
    expect(await found('animals')).toEqual([1]);
    expect(await found('imported')).toEqual([1]);
    await hideLabel(database.orm, label);
    expect(await found('animals')).toEqual([]);
    await search.index([document(1, { labels: ['Talking animals'] })]);
    expect(await found('animals')).toEqual([]);
  });

  test('survive indexing, and precede it', async () => {
    await createLabel(database.orm, { address: at(2), text: 'Kind dragons', authorId: await author() });
    expect(await found('dragons')).toEqual([]);
    await search.index([document(2)]);
    expect(await found('dragons')).toEqual([2]);
  });

  test('written while the source is being indexed are in it afterwards', async () => {
    const authorId = await author();
    const documents = Array.from({ length: 60 }, (_, index) => document(index, { topTokens: ['x'] }));
    const labels = documents.map(({ index }) =>
      createLabel(database.orm, { address: at(index), text: 'penguin', authorId }),
    );
    await Promise.all([search.index(documents), ...labels, search.index(documents)]);
    expect((await search.query({ text: 'penguin', modelId })).total).toBe(60);
  });
});
