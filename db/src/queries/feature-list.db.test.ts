import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FeatureRecord } from '@monosema/catalog';
import { createTestDatabase, seedCatalog, syntheticFeatures, type TestDatabase } from '../testing/index.ts';
import { insertUser } from './auth.ts';
import { featureSorts, listFeatures, type FeatureListOptions, type FeatureRow } from './feature-list.ts';
import { createLabel } from './labels.ts';
import { nearestPlaces } from './nearest.ts';

let database: TestDatabase;
let db: TestDatabase['orm'];
const place = { modelId: 'gpt2-small', sourceId: '8-res-jb' };
/** Many equal scores, densities and maxima: the order must be total all the same. */
const features: FeatureRecord[] = syntheticFeatures(200, { vocabularySize: 20, contextSize: 32, contextCount: 64 }).map(
  (row) => ({
    ...row,
    score: Math.fround(Math.round(row.score * 5) / 5),
    density: Math.fround((row.index % 3) / 7),
    maximum: Math.fround((row.index % 4) / 3),
  }),
);

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.orm;
  await seedCatalog(db, { ...place, features });
  await seedCatalog(db, { ...place, sourceId: '9-res-jb', features: 14 });
  await seedCatalog(db, { modelId: 'gemma-2-2b', sourceId: '12-gemmascope-res-16k', features: 14 });
  await seedCatalog(db, { modelId: 'gemma-2-2b', sourceId: '13-gemmascope-res-16k', features: 14, publish: false });
});
afterAll(() => database.drop());

async function readAll(options: Omit<FeatureListOptions, 'modelId' | 'sourceId'>): Promise<FeatureRow[]> {
  const rows: FeatureRow[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await listFeatures(db, { ...place, ...options, cursor });
    rows.push(...page.rows);
    cursor = page.next;
  }
  return rows;
}

const cases = featureSorts.flatMap((sort) => (['asc', 'desc'] as const).map((order) => [sort, order] as const));
test.each(cases)('by %s %s, pages hold every feature once and in order', async (sort, order) => {
  const sign = order === 'asc' ? 1 : -1;
  const expected = [...features].sort((a, b) => sign * (a[sort] - b[sort]) || a.index - b.index);
  for (const limit of [7, 100, 200]) {
    const rows = await readAll({ sort, order, limit });
    expect(rows.map((row) => row.index)).toEqual(expected.map((row) => row.index));
  }
  const live = await readAll({ sort, order, limit: 50, liveOnly: true });
  expect(live.map((row) => row.index)).toEqual(expected.filter((row) => row.firings > 0).map((row) => row.index));
});

test('a row tells what a table shows, with the best label', async () => {
  const author = await insertUser(db, { name: 'Ada', email: 'ada@example.org' });
  await createLabel(db, { address: { ...place, index: 3 }, text: 'dogs', authorId: author!.id });
  const { rows } = await listFeatures(db, { ...place, sort: 'index', limit: 5 });
  const { firings, density, maximum, score, topTokens, topLogits } = features[3]!;
  expect(rows[3]).toEqual({ index: 3, firings, density, maximum, score, topTokens, topLogits, label: 'dogs' });
  expect(rows[4]!.label).toBeNull();
});

test('a cursor of another list, or of none, is refused', async () => {
  const { next } = await listFeatures(db, { ...place, sort: 'score', limit: 5 });
  await expect(listFeatures(db, { ...place, sort: 'density', cursor: next })).rejects.toThrow(RangeError);
  await expect(listFeatures(db, { ...place, cursor: 'rubbish' })).rejects.toThrow('cursor: is none of a list');
});

test('nothing is listed of what is not published', async () => {
  const unpublished = { modelId: 'gemma-2-2b', sourceId: '13-gemmascope-res-16k' };
  expect(await listFeatures(db, unpublished)).toEqual({ rows: [], next: null });
});

test.each([
  [{ modelId: 'gpt-2-smal' }, 'model', '/gpt2-small'],
  [{ modelId: 'gemma' }, 'model', '/gemma-2-2b'],
  [{ modelId: 'gpt2-small', sourceId: '8-res-jp' }, 'source', '/gpt2-small/8-res-jb'],
  [{ modelId: 'gpt2-small', sourceId: '9-res' }, 'source', '/gpt2-small/9-res-jb'],
  [{ modelId: 'gemma-2-2b', sourceId: '13-gemmascope-res-16k' }, 'source', '/gemma-2-2b/12-gemmascope-res-16k'],
  [{ modelId: 'gpt2-small', sourceId: '8-res-jb', index: 5000 }, 'feature', '/gpt2-small/8-res-jb/199'],
])('the nearest to %j is offered', async (address, missing, path) => {
  const near = await nearestPlaces(db, address);
  expect(near?.missing).toBe(missing);
  expect(near?.paths[0]).toBe(path);
  expect(near?.maximumIndex).toBe(missing === 'feature' ? 199 : null);
});

test('for what exists nothing is offered', async () => {
  expect(await nearestPlaces(db, { ...place, index: 6 })).toBeNull();
  expect(await nearestPlaces(db, place)).toBeNull();
  expect(await nearestPlaces(db, { modelId: place.modelId })).toBeNull();
});
