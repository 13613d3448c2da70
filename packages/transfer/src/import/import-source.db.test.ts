import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Vocabulary } from '@monosema/catalog';
import {
  getFeaturePage,
  getImport,
  getSource,
  getTokenSetVocabulary,
  listLabels,
  listSources,
  putVocabulary,
  upsertModel,
} from '@monosema/db/queries';
import { createTestDatabase, type TestDatabase } from '@monosema/db/testing';
import {
  findImports,
  folderFiles,
  readImport,
  type ImportedExample,
  type ImportFiles,
  type ImportPlan,
} from '@monosema/exchange';
import { openSearch } from '@monosema/search';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { importSource } from './import-source.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../../../exchange/fixtures/${name}`, import.meta.url));
let database: TestDatabase;
let db: TestDatabase['orm'];
beforeAll(async () => {
  database = await createTestDatabase();
  db = database.orm;
});
afterAll(() => database.drop());

async function planOf(files: ImportFiles): Promise<ImportPlan> {
  for await (const plan of findImports(files)) return plan;
  throw new Error('nothing to import');
}

/** @param name a folder of the fixtures, or one file */
async function importFolder(name: string, given: { modelId?: string; sourceId?: string } = {}) {
  const files = await folderFiles(fixture(name));
  return importSource({ db, files, plan: await planOf(files), ...given });
}

interface RawFeature {
  feature_index: number;
  pos_str: string[];
  pos_values: number[];
  neg_str: string[];
  neg_values: number[];
  frac_nonzero: number;
  freq_hist_data_bar_heights: number[];
  freq_hist_data_bar_values: number[];
  logits_hist_data_bar_heights: number[];
  neuron_alignment_indices: number[];
  correlated_features_indices: number[];
  activations: { tokens: string[]; values: number[]; bin_min: number; bin_max: number; bin_contains: number }[];
}

const round = (values: readonly number[]): number[] => values.map(Math.fround);

test('batches of SAEDashboard are in the catalog, every value and token as in the files', async () => {
  const report = await importFolder('saedashboard');
  expect(report).toMatchObject({ modelId: 'gpt2-small', sourceId: '0-res-jb', problems: 0, hasModelTokens: false });
  const source = await getSource(db, { modelId: 'gpt2-small', sourceId: '0-res-jb' });
  expect(source).toMatchObject({ featureCount: 4, dSae: 4, architecture: null, contract: null, hasOwnTokens: true });
  const vocabulary = await getTokenSetVocabulary(db, source!.tokenSetId);
  for (const batch of [0, 1]) {
    const bytes = await readFile(fixture(`saedashboard/batch-${batch}.json.gz`)).catch(() =>
      readFile(fixture(`saedashboard/batch-${batch}.json`)),
    );
    const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString();
    for (const raw of (JSON.parse(text) as { features: RawFeature[] }).features) {
      const address = { modelId: 'gpt2-small', sourceId: '0-res-jb', index: raw.feature_index };
      const { record, contexts } = (await getFeaturePage(db, address))!;
      const textOf = (token: number): string => vocabulary!.textOf(token);
      expect(record.topLogits.map(({ token }) => textOf(token))).toEqual(raw.pos_str);
      expect(record.topLogits.map(({ value }) => value)).toEqual(round(raw.pos_values));
      expect(record.bottomLogits.map(({ token }) => textOf(token))).toEqual(raw.neg_str);
      expect(record.density).toBe(Math.fround(raw.frac_nonzero));
      expect(record.histogram.counts).toEqual(raw.freq_hist_data_bar_heights);
      expect(record.histogram.bars ?? []).toEqual(round(raw.freq_hist_data_bar_values));
      expect(record.details.logitHistogram!.counts).toEqual(raw.logits_hist_data_bar_heights);
      expect(record.details.decoder!.alignment.map(({ dimension }) => dimension)).toEqual(raw.neuron_alignment_indices);
      expect(record.details.coFiring.map(({ index }) => index)).toEqual(raw.correlated_features_indices);
      // Each row of the file is a member of the group that it says, with its own tokens and values.
      const shown = record.groups.flatMap(({ kind, minimum, maximum, members }) =>
        members.map(({ example }) => {
          const { context, positions, values } = record.examples[example]!;
          const tokens = [...contexts.get(context)!].map(textOf);
          const dense = tokens.map((_, at) => values[positions.indexOf(at)] ?? 0);
          const range = kind === 'top' ? [-1] : [minimum, maximum];
          return JSON.stringify([range, tokens, dense]);
        }),
      );
      const wanted = raw.activations.map(({ tokens, values, bin_min, bin_max }) =>
        JSON.stringify([bin_min === -1 ? [-1] : round([bin_min, bin_max]), tokens, round(values)]),
      );
      expect(shown.toSorted()).toEqual(wanted.toSorted());
    }
  }
});

const saeVis = 'sae-vis/demo_prompt_vis.data.json.gz';

test('the features of sae_vis are in the catalog under the name that a person gives', async () => {
  await expect(importFolder(saeVis)).rejects.toThrow('does not say its model: give --model');
  const report = await importFolder(saeVis, { modelId: 'gelu-2l', sourceId: '0-mlp-vis' });
  expect(report.features).toBe(128);
  const source = (await getSource(db, { modelId: 'gelu-2l', sourceId: '0-mlp-vis' }))!;
  expect(source.featureCount).toBe(128);
  const vocabulary = (await getTokenSetVocabulary(db, source.tokenSetId))!;
  const files = await folderFiles(fixture(saeVis));
  const examples = new Map<number, ImportedExample[]>();
  for await (const record of readImport(files, await planOf(files)))
    if (record.kind === 'example') examples.set(record.index, [...(examples.get(record.index) ?? []), record]);
  expect(examples.size).toBe(128);
  for (const [index, imported] of examples) {
    const { record, contexts } = (await getFeaturePage(db, { modelId: 'gelu-2l', sourceId: '0-mlp-vis', index }))!;
    const shown = record.groups.flatMap(({ members }) =>
      members.map(({ example }) => {
        const { context, positions, values } = record.examples[example]!;
        const tokens = [...contexts.get(context)!].map((token) => vocabulary.textOf(token));
        return JSON.stringify([tokens, tokens.map((_, at) => values[positions.indexOf(at)] ?? 0)]);
      }),
    );
    expect(shown.toSorted()).toEqual(
      imported.map(({ tokens, values }) => JSON.stringify([tokens, [...values]])).toSorted(),
    );
  }
});

test('an export of Neuronpedia brings features, examples and labels, and search finds them', async () => {
  const report = await importFolder('v1-database');
  const { modelId, sourceId } = report;
  expect(report.features).toBeGreaterThan(0);
  expect(report.labels).toBeGreaterThan(0);
  const written = await getImport(db, report.importId);
  expect(written!.finishedAt).not.toBeNull();
  expect(written!.files).toHaveLength(report.files);
  const [labelled] = await database.sql<{ index: number; text: string }[]>`
    select index, text from labels where model_id = ${modelId} and source_id = ${sourceId} order by index limit 1`;
  const labels = await listLabels(db, { modelId, sourceId, index: labelled!.index });
  expect(labels[0]!.author.id).toMatch(/^import:/);
  const word = /[a-z]{4,}/i.exec(labelled!.text)![0];
  const { hits } = await openSearch(db).query({ text: word, modelId, sourceId });
  expect(hits.map(({ index }) => index)).toContain(labelled!.index);
});

test('an import that was interrupted shows nothing, goes on behind its last file, and ends as one that was not', async () => {
  const whole = await folderFiles(fixture('v1-database'));
  const plan = await planOf(whole);
  const given = { modelId: 'interrupted' };
  const data = plan.parts.filter(({ role }) => ['features', 'examples', 'labels'].includes(role));
  const stop = new AbortController();
  const onProgress = ({ filesDone }: { filesDone: number }): void => {
    if (filesDone === 1) stop.abort(new Error('killed'));
  };
  await expect(importSource({ db, files: whole, plan, ...given, signal: stop.signal, onProgress })).rejects.toThrow(
    'killed',
  );
  expect(await listSources(db, given)).toEqual([]);
  const report = await importSource({ db, files: whole, plan, ...given });
  expect(report).toMatchObject({ filesKept: 1, filesDone: data.length });
  const straight = await importSource({ db, files: whole, plan, modelId: 'straight' });
  const contentOf = async (modelId: string) => {
    const rows = await database.sql`
      select f.index, f.firings, f.density, f.score, encode(f.top_tokens, 'hex') as tokens, encode(f.details, 'hex') as details,
        encode(e.examples, 'hex') as examples
      from sources s join features f on f.build_id = s.current_build_id
      left join feature_examples e on e.build_id = f.build_id and e.index = f.index
      where s.model_id = ${modelId} order by f.index`;
    return rows.map((row) => ({ ...row }));
  };
  expect(await contentOf('interrupted')).toEqual(await contentOf('straight'));
  expect(straight.filesKept).toBe(0);
});

test("strings that are the model's tokens become these, others stand beside them", async () => {
  const bytes = await readFile(fixture('saedashboard/batch-0.json.gz')).catch(() =>
    readFile(fixture('saedashboard/batch-0.json')),
  );
  const raw = JSON.parse((bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString()) as { features: RawFeature[] };
  const strings = [...new Set(raw.features.flatMap(({ activations }) => activations.flatMap(({ tokens }) => tokens)))];
  const model = { id: 'with-tokens', displayName: 'T', architecture: null, layers: null, dModel: null };
  await upsertModel(db, {
    ...model,
    vocabularySize: null,
    contextSize: null,
    origin: null,
    licence: null,
    hookPoints: [],
  });
  // All but the last few of the first file's strings, in an order of their own.
  const known = strings.slice(0, -5).toReversed();
  await putVocabulary(db, 'with-tokens', new Vocabulary(known.map((text) => new TextEncoder().encode(text))));
  const report = await importFolder('saedashboard', { modelId: 'with-tokens' });
  const source = (await getSource(db, { modelId: 'with-tokens', sourceId: report.sourceId }))!;
  const { record, contexts } = (await getFeaturePage(db, {
    modelId: 'with-tokens',
    sourceId: report.sourceId,
    index: 0,
  }))!;
  const ids = [...contexts.get(record.examples[0]!.context)!];
  const vocabulary = (await getTokenSetVocabulary(db, source.tokenSetId))!;
  expect(vocabulary.size).toBeGreaterThan(known.length);
  expect(ids.filter((id) => id < known.length).every((id) => known[id] === vocabulary.textOf(id))).toBe(true);
  expect(ids.filter((id) => id < known.length).length).toBeGreaterThan(ids.length / 2);
});
