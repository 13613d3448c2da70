import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { folderFiles, memoryFiles } from '../files/folder-files.ts';
import { fixture, importAll, ofKind, rawJson, type Imported } from '../fixtures.fixture.ts';
import type { ImportedExample } from '../records.ts';

interface RawExample {
  bin_min: number;
  bin_max: number;
  bin_contains: number;
  tokens: string[];
  values: number[];
  qualifying_token_index: number;
}

type Lists = Record<
  `${'neuron_alignment' | 'correlated_neurons' | 'correlated_features'}_${'indices' | 'l1'}`,
  number[]
>;

interface RawFeature extends Lists {
  feature_index: number;
  frac_nonzero: number;
  freq_hist_data_bar_values: number[];
  freq_hist_data_bar_heights: number[];
  logits_hist_data_bar_values: number[];
  logits_hist_data_bar_heights: number[];
  pos_str: string[];
  pos_values: number[];
  neg_str: string[];
  neg_values: number[];
  neuron_alignment_values: number[];
  correlated_neurons_pearson: number[];
  correlated_features_pearson: number[];
  decoder_weights_dist: number[];
  activations: RawExample[];
}

const batches = ['saedashboard/batch-0.json.gz', 'saedashboard/batch-1.json.gz'];
const rawFeatures = async (): Promise<RawFeature[]> =>
  (await Promise.all(batches.map((name) => rawJson<{ features: RawFeature[] }>(name)))).flatMap(
    ({ features }) => features,
  );

describe('the files of SAEDashboard for gpt2-small 0-res-jb', () => {
  let imported: Imported;
  let raw: RawFeature[];
  beforeAll(async () => {
    imported = await importAll(await folderFiles(fixture('saedashboard')));
    raw = await rawFeatures();
  });

  test('are recognised, with the source that they name', () => {
    expect(imported.plan).toMatchObject({ layout: 'saedashboard', modelId: 'gpt2-small', sourceId: '0-res-jb' });
    expect(imported.plan.parts.map(({ role, file }) => [role, file.path])).toEqual([
      ['batch', 'batch-0.json.gz'],
      ['batch', 'batch-1.json.gz'],
      ['skipped-features', 'skipped_indexes.json'],
    ]);
    expect(imported.problems).toEqual([]);
    expect(imported.records[0]).toMatchObject({
      kind: 'source',
      row: { id: '0-res-jb', modelId: 'gpt2-small', setName: 'res-jb' },
    });
  });

  test('come in order: every feature, its examples, the end of every file with its checksum', async () => {
    const order = imported.records.map((record) =>
      'index' in record ? `${record.kind} ${record.index}` : record.kind,
    );
    const examples = [38, 35, 52, 44];
    expect(order).toEqual([
      'source',
      ...[0, 1].flatMap((i) => [`feature ${i}`, ...Array<string>(examples[i]!).fill(`example ${i}`)]),
      'file',
      ...[2, 3].flatMap((i) => [`feature ${i}`, ...Array<string>(examples[i]!).fill(`example ${i}`)]),
      'file',
      'skipped-features',
      'file',
    ]);
    const bytes = await readFile(fixture(batches[0]!));
    expect(ofKind(imported.records, 'file')[0]).toEqual({
      kind: 'file',
      file: 'batch-0.json.gz',
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      records: 75,
      problems: 0,
    });
  });

  test('keep every number and every token of the features', () => {
    const features = ofKind(imported.records, 'feature');
    expect(features).toHaveLength(4);
    for (const [i, feature] of features.entries()) {
      const one = raw[i]!;
      expect(feature.index).toBe(one.feature_index);
      expect(feature.density).toBe(one.frac_nonzero);
      expect(feature.maximum).toBe(Math.max(...one.activations.flatMap(({ values }) => values)));
      expect(feature.activationHistogram?.centres ?? []).toEqual(one.freq_hist_data_bar_values);
      expect(feature.activationHistogram?.heights ?? []).toEqual(one.freq_hist_data_bar_heights);
      expect(feature.logitHistogram?.centres).toEqual(one.logits_hist_data_bar_values);
      expect(feature.logitHistogram?.heights).toEqual(one.logits_hist_data_bar_heights);
      expect(feature.topLogits.map(({ token }) => token)).toEqual(one.pos_str);
      expect(feature.topLogits.map(({ value }) => value)).toEqual(one.pos_values);
      expect(feature.bottomLogits.map(({ token }) => token)).toEqual(one.neg_str);
      expect(feature.bottomLogits.map(({ value }) => value)).toEqual(one.neg_values);
      expect(feature.neuronAlignment.map(({ index }) => index)).toEqual(one.neuron_alignment_indices);
      expect(feature.neuronAlignment.map(({ value }) => value)).toEqual(one.neuron_alignment_values);
      expect(feature.neuronAlignment.map(({ l1Share }) => l1Share)).toEqual(one.neuron_alignment_l1);
      for (const [ours, theirs] of [
        ['correlatedNeurons', 'correlated_neurons'],
        ['correlatedFeatures', 'correlated_features'],
      ] as const) {
        expect(feature[ours].map(({ index }) => index)).toEqual(one[`${theirs}_indices`]);
        // -0 is 0.
        expect(feature[ours].map(({ pearson }) => pearson)).toEqual(one[`${theirs}_pearson`].map((value) => value + 0));
        expect(feature[ours].map(({ cosine }) => cosine)).toEqual(one[`${theirs}_l1`]);
      }
      expect(feature.headShares).toEqual(one.decoder_weights_dist);
      expect(feature.vector).toBeNull();
      expect(feature.scan).toEqual({ prompts: 5000, tokensPerPrompt: 128, dataSet: 'Skylion007/openwebtext' });
    }
  });

  test('keep every token and every activation of the examples, exactly in float32', () => {
    const examples = ofKind(imported.records, 'example');
    const rawExamples = raw.flatMap(({ activations }) => activations);
    expect(examples).toHaveLength(rawExamples.length);
    for (const [i, example] of examples.entries()) {
      const one = rawExamples[i]!;
      expect(example.tokens).toEqual(one.tokens);
      expect(Array.from(example.values)).toEqual(one.values.map(Math.fround));
      // No digit is lost: seven decimals of float32 give the file's number again.
      expect(Array.from(example.values, (value) => Number(value.toPrecision(7)))).toEqual(one.values);
      expect(example.position).toBe(one.values.indexOf(Math.max(...one.values)));
      expect(example.qualifyingPosition).toBe(one.qualifying_token_index);
      expect(example.group).toEqual(
        one.bin_contains === -1
          ? { kind: 'top', maximum: one.bin_max }
          : { kind: 'interval', from: one.bin_min, to: one.bin_max, share: one.bin_contains },
      );
      expect(example.attribution).toBeNull();
    }
  });

  test('say which features were left out of the dashboards', () => {
    expect(ofKind(imported.records, 'skipped-features')).toEqual([
      { kind: 'skipped-features', indexes: [], logSparsityThreshold: 1 },
    ]);
  });
});

const rawBatch = async (): Promise<{ features: RawFeature[] } & Record<string, unknown>> =>
  rawJson<{ features: RawFeature[] } & Record<string, unknown>>(batches[1]!);

const asFiles = (...contents: unknown[]) =>
  memoryFiles(
    'made up',
    Object.fromEntries(contents.map((content, i) => [`batch-${i}.json`, Buffer.from(JSON.stringify(content))])),
  );

describe('what goes wrong in a batch', () => {
  test('an example that is wrong is left out with its reason, and nothing else', async () => {
    const batch = await rawBatch();
    batch.features[0]!.activations[1]!.tokens.pop();
    batch.features[0]!.activations[2]!.qualifying_token_index = 127;
    batch.features[1]!.pos_str.pop();
    const { records, problems } = await importAll(asFiles(batch));
    expect(problems).toEqual([
      {
        file: 'batch-0.json',
        place: 'features[0]',
        reason: 'activations[1]: tokens has 126 entries and values 127',
      },
      {
        file: 'batch-0.json',
        place: 'features[0]',
        reason: 'activations[2]: qualifying_token_index is 127, not a position of 127 tokens',
      },
      { file: 'batch-0.json', place: 'features[1]', reason: 'pos_str has 9 entries and pos_values 10' },
    ]);
    expect(ofKind(records, 'example')).toHaveLength(50);
    expect(ofKind(records, 'feature').map(({ index }) => index)).toEqual([2]);
    await expect(importAll(asFiles(batch), { onProblem: undefined })).rejects.toThrow(
      'made up: batch-0.json: features[0]: activations[1]: tokens has 126 entries and values 127',
    );
  });

  test("NaN and Infinity, which Python's json writes, are no activations, and no reason to refuse the file", async () => {
    const text = gunzipSync(await readFile(fixture(batches[1]!))).toString();
    const broken = text
      .replace(/"pos_values": \[\s*[\d.]+/, '"pos_values": [NaN')
      .replace(/"values": \[\s*0\.0/, '"values": [Infinity');
    expect(broken).not.toBe(text);
    const files = memoryFiles('made up', { 'batch-1.json': Buffer.from(broken) });
    const { records, problems } = await importAll(files);
    expect(problems.map(({ reason }) => reason)).toEqual(['activations[0]: values[0] is NaN, not a number of float32']);
    expect(ofKind(records, 'feature')[0]!.topLogits[0]!.value).toBeNaN();
  });

  test('a batch of another source is left out whole', async () => {
    const [first, other] = [await rawBatch(), await rawBatch()];
    other.layer = 5;
    const { records, problems } = await importAll(asFiles(first, other));
    expect(problems).toEqual([
      {
        file: 'batch-1.json',
        place: null,
        reason: 'the batch is of gpt2-small/5-res-jb, not of gpt2-small/0-res-jb',
      },
    ]);
    expect(ofKind(records, 'feature')).toHaveLength(2);
    expect(ofKind(records, 'file')).toHaveLength(2);
  });

  test('a batch that is cut off fails, with the name of the file', async () => {
    const bytes = Buffer.from(JSON.stringify(await rawBatch()));
    const files = memoryFiles('made up', { 'batch-0.json': bytes.subarray(0, bytes.length - 100) });
    await expect(importAll(files)).rejects.toThrow(/^made up: batch-0.json: the JSON ends after \d+ bytes/);
  });

  test('a header behind the features is refused, for it would name their source too late', async () => {
    await expect(importAll(asFiles({ ...(await rawBatch()), sae_id_suffix: 'deep' }))).rejects.toThrow(
      '"sae_id_suffix" stands behind the features',
    );
    await expect(importAll(asFiles({ features: [{}], layer: 1 }))).rejects.toThrow(
      'no batch of SAEDashboard: model_id is missing, not a string',
    );
  });

  test('a feature beyond the width of the SAE is refused', async () => {
    const { problems, records } = await importAll(asFiles(await rawBatch()), { width: 3 });
    expect(problems).toHaveLength(1 + 44);
    expect(problems[0]!.reason).toBe('feature 3 is none of an SAE with 3 features');
    expect(ofKind(records, 'feature').map(({ index }) => index)).toEqual([2]);
  });
});

test('batches come in the order of their numbers, and those already done are not read again', async () => {
  const batch = await rawBatch();
  const files = asFiles(
    ...Array.from({ length: 11 }, (_, i) => ({ ...batch, features: [{ ...batch.features[0], feature_index: i }] })),
  );
  const { records } = await importAll(files, { done: new Set(['batch-0.json', 'batch-2.json']) });
  expect(ofKind(records, 'feature').map(({ index }) => index)).toEqual([1, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test('a suffix belongs to the source id; direct attributions and settings are read', async () => {
  const batch = await rawBatch();
  const length = 127;
  Object.assign(batch.features[0]!.activations[0]!, {
    dfa_values: Array.from({ length }, (_, i) => i / 1000),
    dfa_maxValue: 0.126,
    dfa_targetIndex: 61,
  });
  const files = memoryFiles('made up', {
    'batch-0.json': Buffer.from(JSON.stringify({ sae_id_suffix: 'deep', ...batch })),
    'run_settings.json': Buffer.from(
      JSON.stringify({
        sae_set: 'gpt2-small-res-jb',
        sae_path: 'blocks.0.hook_resid_pre',
        n_prompts_total: 5000,
        n_tokens_in_prompt: 128,
        huggingface_dataset_path: 'Skylion007/openwebtext',
      }),
    ),
    'tokens_5000.pt': new Uint8Array(3),
  });
  const { plan, records, problems } = await importAll(files);
  expect(plan.sourceId).toBe('0-res-jb__deep');
  expect(problems).toEqual([{ file: 'tokens_5000.pt', place: null, reason: 'no file of this layout' }]);
  expect(ofKind(records, 'source').map(({ row }) => row)).toEqual([
    {
      id: '0-res-jb__deep',
      modelId: 'gpt2-small',
      setName: 'res-jb',
      hasDashboards: true,
      num_prompts: 5000,
      num_tokens_in_prompt: 128,
      dataset: 'Skylion007/openwebtext',
      saelensRelease: 'gpt2-small-res-jb',
      saelensSaeId: 'blocks.0.hook_resid_pre',
    },
  ]);
  const example: ImportedExample = ofKind(records, 'example')[0]!;
  expect(example.attribution).toMatchObject({ maximum: 0.126, target: 61, tokens: null });
  expect(example.attribution!.values[100]).toBe(0.1);
});

test('what the classes of SAEDashboard 0.8.0 write: a suffix, a vector, head shares, attributions, a NaN', async () => {
  const { plan, records, problems } = await importAll(await folderFiles(fixture('saedashboard-attention')));
  expect(problems).toEqual([]);
  expect(plan).toMatchObject({ modelId: 'gpt2-small', sourceId: '5-att-kk__deep' });
  expect(ofKind(records, 'feature')).toMatchObject([
    {
      index: 7,
      maximum: 1.5,
      topLogits: [
        { token: ' cat', value: 2.346 },
        { token: ' cats', value: NaN },
      ],
      headShares: [0.75, 0.25],
      vector: { values: [0.5, -0.25], label: null, hookPoint: null, defaultStrength: null },
      activationHistogram: null,
      scan: { prompts: 24_576, tokensPerPrompt: 128, dataSet: 'monology/pile-uncopyrighted' },
    },
  ]);
  const [attributed, plain] = ofKind(records, 'example');
  expect(attributed).toMatchObject({
    tokens: ['The', ' cat', '\n', 'ãĤ±'],
    values: Float32Array.of(0, 1.5, 0.25, 0),
    position: 1,
    qualifyingPosition: 1,
    group: { kind: 'top', maximum: 1.5 },
    attribution: { values: [0.125, -0.5, 0, 0.001], tokens: null, target: 1, maximum: 0.125 },
  });
  expect(plain!.attribution).toBeNull();
});
