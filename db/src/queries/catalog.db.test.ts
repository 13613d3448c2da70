import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FeatureRecord } from '@monosema/catalog';
import {
  createTestDatabase,
  seedCatalog,
  seedContexts,
  syntheticFeatures,
  type TestDatabase,
} from '../testing/index.ts';
import { bestFeature, bestFeatures, neighbours, randomFeature, readFeatures } from './features.ts';
import {
  createBuild,
  BuildClosedError,
  deleteBuild,
  findBuildOfRun,
  insertFeatures,
  publishBuild,
  reapBuilds,
} from './builds.ts';
import { getContexts, listDataSets, putTokenSet } from './data-sets.ts';
import { getFeaturePage } from './feature-page.ts';
import { getModel, getVocabulary, listModels, upsertModel } from './models.ts';
import { getSource, listSources } from './sources.ts';
import { putBaselines, putPreviews } from './steering.ts';

let database: TestDatabase;
let db: TestDatabase['orm'];
let modelId: string;
let made = 0;
beforeAll(async () => {
  database = await createTestDatabase();
  db = database.orm;
});
afterAll(() => database.drop());
beforeEach(() => {
  modelId = `toy-${++made}`;
});

/** What a record looks like after its floats were rounded to float32 and its activations packed. */
const close = (record: FeatureRecord): unknown => ({
  ...record,
  examples: record.examples.map((example) => ({
    ...example,
    values: example.values.map((value) => expect.closeTo(value, Math.ceil(-Math.log10(example.maximum * 4e-5)))),
  })),
});

describe('models', () => {
  test('a model is written once and changed in place', async () => {
    const { model } = await seedCatalog(db, { modelId, features: 14 });
    await upsertModel(db, { ...model, displayName: 'Another name' });
    expect(await getModel(db, modelId)).toEqual({ ...model, displayName: 'Another name' });
    const summary = (await listModels(db)).find((row) => row.id === modelId);
    expect(summary).toMatchObject({ sourceCount: 1, featureCount: 14 });
    expect(await getModel(db, 'nobody')).toBeNull();
  });

  test('a vocabulary comes back byte for byte', async () => {
    await seedCatalog(db, { modelId, pieces: ['<s>', ' once', 'é', ''] });
    const vocabulary = await getVocabulary(db, modelId);
    expect(vocabulary?.size).toBe(4);
    expect([0, 1, 2, 3].map((id) => vocabulary?.textOf(id))).toEqual(['<s>', ' once', 'é', '']);
    expect(await getVocabulary(db, 'nobody')).toBeNull();
  });
});

describe('token sets', () => {
  test('the same tokens are stored once, other tokens beside them', async () => {
    const { tokenSetId, dataSetId } = await seedCatalog(db, { modelId, contexts: seedContexts(10, 8, 20) });
    const set = { dataSetId, modelId, contextSize: 8 };
    const again = [1, 2, 3].map(() => putTokenSet(db, { ...set, contexts: seedContexts(10, 8, 20) }));
    expect(await Promise.all(again)).toEqual([tokenSetId, tokenSetId, tokenSetId]);
    expect(await putTokenSet(db, { ...set, contexts: seedContexts(11, 8, 20) })).not.toBe(tokenSetId);
    expect((await listDataSets(db)).map((row) => row.id)).toContain(dataSetId);
  });

  test('contexts are found by position', async () => {
    const contexts = seedContexts(5000, 8, 20);
    const { tokenSetId } = await seedCatalog(db, { modelId, contexts });
    const found = await getContexts(db, tokenSetId, [4999, 0, 2000, 0, 77_777]);
    expect([...found].sort(([a], [b]) => a - b)).toEqual([
      [0, contexts[0]],
      [2000, contexts[2000]],
      [4999, contexts[4999]],
    ]);
  });

  test('a context of another length is refused', async () => {
    const contexts = [...seedContexts(3, 8, 20), Int32Array.of(1)];
    await expect(seedCatalog(db, { modelId, contexts })).rejects.toThrow(
      'context 3 has 1 tokens, but contextSize is 8',
    );
  });
});

describe('builds', () => {
  test('nothing of a build is visible before it is published', async () => {
    const { buildId, source } = await seedCatalog(db, { modelId, publish: false });
    const address = { modelId, sourceId: source.id, index: 0 };
    expect(await getSource(db, address)).toBeNull();
    expect(await listSources(db, { modelId })).toEqual([]);
    expect(await getFeaturePage(db, address)).toBeNull();
    expect(await bestFeature(db, address)).toBeNull();
    expect(await randomFeature(db, { modelId })).toBeNull();
    await publishBuild(db, buildId);
    expect(await getSource(db, address)).toMatchObject({ ...source, featureCount: 14, liveFeatureCount: 12 });
    expect(await getFeaturePage(db, address)).not.toBeNull();
  });

  test('a newer build takes the place of the older with all it says', async () => {
    const first = await seedCatalog(db, { modelId, features: 14 });
    const features = syntheticFeatures(21, { vocabularySize: 20, contextSize: 32, contextCount: 64 }, 2);
    const source = { ...first.source, architecture: 'standard' as const, dSae: 21 };
    const second = await createBuild(db, { source, tokenSetId: first.tokenSetId, tokens: 5 });
    await insertFeatures(db, second, features);
    expect(await getSource(db, { modelId, sourceId: source.id })).toMatchObject({
      architecture: 'topk',
      featureCount: 14,
    });
    await publishBuild(db, second);
    await publishBuild(db, second);
    expect(await getSource(db, { modelId, sourceId: source.id })).toMatchObject({
      architecture: 'standard',
      featureCount: 21,
    });
    const page = await getFeaturePage(db, { modelId, sourceId: source.id, index: 20 });
    expect(page?.record.index).toBe(20);
    await expect(publishBuild(db, first.buildId)).rejects.toThrow(BuildClosedError);
    expect(await reapBuilds(db)).toBe(0);
    expect(await reapBuilds(db, { minutes: 0 })).toBeGreaterThan(0);
    expect(await readFeatures(db, first.buildId)).toEqual([]);
    expect(await readFeatures(db, second, { limit: 100 })).toHaveLength(21);
  });

  test('a worker that was overtaken cannot add to its build', async () => {
    const first = await seedCatalog(db, { modelId, runId: `run_${modelId}`, publish: false });
    const { source, tokenSetId } = first;
    const second = await createBuild(db, { source, tokenSetId, tokens: 1 });
    await expect(insertFeatures(db, first.buildId, first.features)).rejects.toThrow(BuildClosedError);
    await expect(publishBuild(db, first.buildId)).rejects.toThrow(BuildClosedError);
    expect(await findBuildOfRun(db, `run_${modelId}`)).toMatchObject({ id: second, tokenSetId, published: false });
    await insertFeatures(db, second, first.features);
    await publishBuild(db, second);
    await expect(insertFeatures(db, second, first.features)).rejects.toThrow('takes no more features');
  });

  test('features go in all or none', async () => {
    const { buildId, features } = await seedCatalog(db, { modelId, features: 3, publish: false });
    const bad = { ...features[0]!, index: 11, examples: [{ ...features[0]!.examples[0]!, values: [] }] };
    await expect(insertFeatures(db, buildId, [{ ...features[0]!, index: 10 }, bad])).rejects.toThrow(RangeError);
    await expect(insertFeatures(db, buildId, [{ ...features[0]!, index: 10 }, features[0]!])).rejects.toThrow();
    expect(await readFeatures(db, buildId)).toHaveLength(3);
  });

  test('a deleted build leaves nothing, not even a source that shows it', async () => {
    const { buildId, source } = await seedCatalog(db, { modelId });
    await deleteBuild(db, buildId);
    expect(await getSource(db, { modelId, sourceId: source.id })).toBeNull();
    expect(await readFeatures(db, buildId)).toEqual([]);
  });
});

describe('features', () => {
  test('a page holds what was built', async () => {
    const contexts = seedContexts(64, 32, 20);
    const { buildId, features, source } = await seedCatalog(db, { modelId, contexts });
    await putBaselines(db, buildId, [
      { prompt: 'Once', continuation: ' upon' },
      { prompt: 'One', continuation: ' day' },
    ]);
    const preview = { promptIndex: 1, prompt: 'One', strength: 2, baseline: ' day', steered: ' dog' };
    await putPreviews(db, buildId, [{ index: 3, previews: [preview, { ...preview, strength: 1 }] }]);
    const page = await getFeaturePage(db, { modelId, sourceId: source.id, index: 3 });
    expect(page?.record).toEqual(close(features[3]!));
    expect(page?.source).toMatchObject({ ...source, buildId, dataSetId: 'toy-text', tokens: 2048 });
    expect(page?.source.publishedAt).toBeInstanceOf(Date);
    expect(page?.contexts).toEqual(new Map(features[3]!.examples.map(({ context }) => [context, contexts[context]])));
    expect(page?.steering).toEqual([{ ...preview, strength: 1 }, preview]);
    expect(page).toMatchObject({ previous: 2, next: 4 });
  });

  test('a dead feature has a page, and the ends have one neighbour', async () => {
    const { features, source } = await seedCatalog(db, { modelId, features: 14 });
    const at = (index: number) => ({ modelId, sourceId: source.id, index });
    expect((await getFeaturePage(db, at(6)))?.record).toEqual(features[6]);
    expect(await getFeaturePage(db, at(0))).toMatchObject({ previous: null, next: 1, steering: [] });
    expect(await getFeaturePage(db, at(13))).toMatchObject({ previous: 12, next: null });
    expect(await getFeaturePage(db, at(14))).toBeNull();
    expect(await neighbours(db, at(14))).toEqual({ previous: 13, next: null });
  });

  test('the best features are live ones by score', async () => {
    const { buildId, features, source } = await seedCatalog(db, { modelId });
    const order = features.filter((row) => row.firings > 0).sort((a, b) => b.score - a.score);
    expect(await bestFeature(db, { modelId, sourceId: source.id })).toBe(order[0]!.index);
    expect((await bestFeatures(db, buildId, 5)).map((row) => row.index)).toEqual(
      order.slice(0, 5).map((row) => row.index),
    );
  });

  test('a random feature is live, and every live one comes up', async () => {
    const { features, source } = await seedCatalog(db, { modelId });
    const seen = new Set<number>();
    for (let round = 0; round < 300; round++) {
      const found = await randomFeature(db, { modelId });
      expect(found).toMatchObject({ modelId, sourceId: source.id });
      seen.add(found!.index);
    }
    expect([...seen].sort((a, b) => a - b)).toEqual(features.filter((row) => row.firings > 0).map((row) => row.index));
  });
});
