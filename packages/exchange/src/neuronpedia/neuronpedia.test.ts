import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { folderFiles, memoryFiles } from '../files/folder-files.ts';
import { asText, fixture, importAll, jsonl, ofKind, plansOf } from '../fixtures.fixture.ts';
import type { ImportedExample, ImportedFeature, ImportRecord } from '../records.ts';

const dashboards = async (): Promise<ImportRecord[]> =>
  (await importAll(await folderFiles(fixture('saedashboard')))).records;

const byIndex = (a: { index: number }, b: { index: number }): number => a.index - b.index;

/** What the v1 layouts keep of a feature of SAEDashboard, of whose examples eight are in the fixtures. */
async function expectedFeatures(numbers: readonly number[]): Promise<ImportedFeature[]> {
  return ofKind(await dashboards(), 'feature').map((feature, i) => ({ ...feature, index: numbers[i]!, scan: null }));
}

async function expectedExamples(numbers: readonly number[]): Promise<Omit<ImportedExample, 'id'>[]> {
  const examples = ofKind(await dashboards(), 'example');
  return [0, 1, 2, 3].flatMap((i) => {
    const all = examples.filter(({ index }) => index === i);
    return [...all.slice(0, 4), ...all.slice(-4)].map(({ id: _, ...example }) => ({ ...example, index: numbers[i]! }));
  });
}

const idNumber = ({ id }: ImportedExample): number => parseInt(id!.slice(5), 16);

describe("an export of SAEDashboard's", () => {
  test('gives what the dashboards that it was made of give', async () => {
    const { plan, records, problems } = await importAll(await folderFiles(fixture('v1-saedashboard')));
    expect(plan).toMatchObject({ layout: 'neuronpedia', modelId: 'gpt2-small', sourceId: '0-res-jb' });
    expect(problems).toEqual([]);
    expect(asText(ofKind(records, 'feature'))).toEqual(asText(await expectedFeatures([0, 1, 2, 3])));
    expect(asText(ofKind(records, 'example').map(({ id: _, ...rest }) => rest))).toEqual(
      asText(await expectedExamples([0, 1, 2, 3])),
    );
    expect(records.slice(0, 8).map(({ kind }) => kind)).toEqual(
      ['release', 'model', 'source-set', 'source'].flatMap((kind) => [kind, 'file']),
    );
    expect(ofKind(records, 'source')[0]!.row).toMatchObject({ num_prompts: 5000, dataset: 'Skylion007/openwebtext' });
  });
});

describe("an export of Neuronpedia's database", () => {
  const numbers = [0, 1, 2, 10];

  test('gives the same, though its files hold features, examples and labels in different orders', async () => {
    const { records } = await importAll(await folderFiles(fixture('v1-database')));
    const features = ofKind(records, 'feature');
    expect(features.map(({ index }) => index)).toEqual([0, 1, 10, 2]);
    // The database's export has no correlated features.
    const expected = (await expectedFeatures(numbers)).map((feature) => ({ ...feature, correlatedFeatures: [] }));
    expect(asText([...features].sort(byIndex))).toEqual(asText(expected));
    const examples = ofKind(records, 'example').sort((a, b) => idNumber(a) - idNumber(b));
    // Nor which token an example was chosen for.
    const chosen = (await expectedExamples(numbers)).map((example) => ({ ...example, qualifyingPosition: null }));
    expect(asText(examples.map(({ id: _, ...rest }) => rest))).toEqual(asText(chosen));
  });

  test('gives the labels of all explainers, embeddings as text or as numbers', async () => {
    const { records, problems } = await importAll(await folderFiles(fixture('v1-database')));
    const labels = ofKind(records, 'label');
    expect(labels.map(({ index, text }) => [index, text])).toEqual([
      ...[0, 1, 10, 2].flatMap((i) => [0, 1].map((k) => [i, `label ${k} of feature ${i}`])),
      [2, 'label 9 of feature 2'],
      [10, 'a NUL   in the text'],
    ]);
    const embedding = Float32Array.from({ length: 256 }, (_, k) => (k - 128) / 1000);
    expect(labels[0]).toEqual({
      kind: 'label',
      index: 0,
      id: 'label-0-0',
      text: 'label 0 of feature 0',
      authorId: 'clkht01d40000jv08hvalcvly',
      method: 'oai_token-act-pair',
      modelName: 'gpt-4o-mini',
      embedding,
      map: null,
      notes: null,
      createdAt: null,
      scores: [],
      votes: null,
    });
    expect(labels[8]).toMatchObject({
      modelName: 'gemini-2.0-flash',
      embedding,
      map: { x: -5.25, y: 3.5, cluster: 7, logSparsity: -3.5 },
      createdAt: '2026-01-02T03:04:05.678901',
    });
    expect(labels[9]!.embedding).toBeNull();
    expect(problems).toEqual([
      {
        file: 'gpt2-small/0-res-jb/inference_hosts.jsonl',
        place: null,
        reason: "another installation's hosts are not taken over",
      },
      ...['config.json', 'failed_explanation_indexes.txt'].map((name) => ({
        file: `gpt2-small/0-res-jb/explanations-gemini-2.0-flash/${name}`,
        place: null,
        reason: 'notes of the program that made the labels',
      })),
      {
        file: 'gpt2-small/0-res-jb/explanations-gemini-2.0-flash/batch-0.jsonl',
        place: 'line 3',
        reason: 'description is empty',
      },
    ]);
  });

  test('is found at any height', async () => {
    for (const [root, folder] of [
      ['v1-database', 'gpt2-small/0-res-jb'],
      ['v1-database/gpt2-small', '0-res-jb'],
      ['v1-database/gpt2-small/0-res-jb', ''],
    ] as const)
      expect((await plansOf(await folderFiles(fixture(root)))).map((plan) => plan.folder)).toEqual([folder]);
  });
});

const owner = { modelId: 'm', layer: '3-att-kk', index: '7' };
const row = { ...owner, tokens: ['a', 'b', 'c'], values: [0, -2, 0.5] };

/** A source with the given files, and its first problem's reason. */
const imported = async (contents: Record<string, Uint8Array>) => importAll(memoryFiles('made up', contents));

describe('rows', () => {
  test('of attention: zIndices is [keys, queries]; direct attributions', async () => {
    const pairs = {
      zValues: [0.5, 0.25],
      zIndices: [
        [0, 1],
        [2, 2],
      ],
    };
    const apart = { zValues: [0.5, 0.25], zKIndices: [0, 1], zQIndices: [2, 2] };
    const dfa = { dfaValues: [0.1, 0.2, 0.3], dfaMaxValue: 0.3, dfaTargetIndex: 2 };
    const none = { zIndices: null, zValues: null, dfaValues: [], dfaTargetIndex: -1, dfaMaxValue: 0 };
    const rows = [pairs, apart, dfa, none].map((more) => ({ ...row, ...more }));
    const { records } = await imported({ 'activations/batch-0.jsonl.gz': gzipSync(jsonl(rows)) });
    const examples = ofKind(records, 'example');
    for (const i of [0, 1])
      expect(examples[i]!.attentionPairs).toEqual({
        keyPositions: [0, 1],
        queryPositions: [2, 2],
        values: [0.5, 0.25],
      });
    expect(examples[2]!.attribution).toEqual({ values: [0.1, 0.2, 0.3], tokens: null, target: 2, maximum: 0.3 });
    expect([examples[3]!.attribution, examples[3]!.attentionPairs]).toEqual([null, null]);
  });

  test('of raw neurons: a bare layer is the source, values may be negative', async () => {
    const { plan, records } = await imported({
      'activations/batch-0.jsonl': jsonl([{ ...row, layer: '5', values: [-1.5, -0.25, -3] }]),
    });
    expect(plan).toMatchObject({ modelId: 'm', sourceId: '5' });
    expect(ofKind(records, 'example')[0]).toMatchObject({ values: Float32Array.of(-1.5, -0.25, -3), position: 1 });
  });

  test('with steering vectors and nearest features; scores and votes of our own exports', async () => {
    const { records } = await imported({
      'features/batch-0.jsonl': jsonl([
        {
          ...owner,
          hasVector: true,
          vector: [1, 2],
          vectorLabel: 'cats',
          hookName: 'blocks.3.hook_resid_pre',
          vectorDefaultSteerStrength: 12.5,
          topkCosSimIndices: [9, 4],
          topkCosSimValues: [0.9, 0.4],
        },
      ]),
      'explanations/batch-0.jsonl': jsonl([
        {
          ...owner,
          description: 'cats',
          scores: [
            { value: 0.5, explanationScoreTypeName: 'recall_alt', explanationScoreModelName: 'm', jsonDetails: '{}' },
          ],
          votes: 3,
        },
      ]),
    });
    expect(ofKind(records, 'feature')[0]).toMatchObject({
      vector: { values: [1, 2], label: 'cats', hookPoint: 'blocks.3.hook_resid_pre', defaultStrength: 12.5 },
      nearestFeatures: [
        { index: 9, cosine: 0.9 },
        { index: 4, cosine: 0.4 },
      ],
    });
    expect(ofKind(records, 'label')[0]).toMatchObject({
      votes: 3,
      scores: [{ value: 0.5, type: 'recall_alt', modelName: 'm', details: '{}' }],
    });
  });

  test('that are wrong are left out, each with its reason', async () => {
    const wrong: [object, string][] = [
      [{ ...row, layer: '4-att-kk' }, 'the row is of m/4-att-kk, not of m/3-att-kk'],
      [{ ...row, index: '-1' }, 'index is "-1", not a whole number from 0'],
      [{ ...row, index: 1.5 }, 'index is 1.5, not a whole number from 0'],
      [{ ...row, values: [0, 1] }, 'tokens has 3 entries and values 2'],
      [{ ...row, values: [0, 'x', 1] }, 'values[1] is "x", not a number'],
      [{ ...row, values: [0, 1e39, 1] }, 'values[1] is 1e+39, not a number of float32'],
      [{ ...row, tokens: 'abc' }, 'tokens is "abc", not a list of strings'],
      [{ ...row, tokens: ['a', null, 'c'] }, 'tokens[1] is missing, not a string'],
      [{ ...row, tokens: [], values: [] }, 'tokens is empty'],
      [{ ...row, dfaValues: [1], dfaTargetIndex: 3 }, 'dfaTargetIndex is 3, not a position of 3 tokens'],
      [{ ...row, zValues: [1] }, 'zKIndices has 0 entries and zValues 1'],
      [[], 'the row is [], not an object'],
    ];
    const good = { ...row, index: 8 };
    const lines = Buffer.concat([
      jsonl([good, ...wrong.map(([each]) => each)]),
      Buffer.from('{"a":\n\n'),
      jsonl([good]),
    ]);
    const { records, problems } = await imported({ 'activations/batch-0.jsonl': lines });
    expect(ofKind(records, 'example').map(({ index }) => index)).toEqual([8, 8]);
    expect(problems.slice(0, -1)).toEqual(
      wrong.map(([, reason], i) => ({ file: 'activations/batch-0.jsonl', place: `line ${i + 2}`, reason })),
    );
    expect(problems.at(-1)).toMatchObject({
      place: `line ${wrong.length + 2}`,
      reason: expect.stringContaining('no JSON: ') as string,
    });
    expect(ofKind(records, 'file')).toMatchObject([{ records: 2, problems: wrong.length + 1 }]);
  });
});

test('a file that is cut off fails with its name, and its end is never announced', async () => {
  const packed = gzipSync(jsonl(Array.from({ length: 500 }, (_, i) => ({ ...row, index: i }))));
  const files = memoryFiles('made up', { 'activations/batch-0.jsonl.gz': packed.subarray(0, -20) });
  await expect(importAll(files)).rejects.toThrow('made up: activations/batch-0.jsonl.gz: unexpected end of file');
});

test('a reader that stops early closes the file', async () => {
  const files = memoryFiles('made up', { 'activations/batch-0.jsonl': jsonl([row, row]) });
  let closed = false;
  const watched = {
    ...files,
    async *read(file: Parameters<typeof files.read>[0], signal?: AbortSignal) {
      try {
        yield* files.read(file);
        await new Promise((_, reject) => signal!.addEventListener('abort', () => reject(new Error('aborted'))));
      } finally {
        closed = true;
      }
    },
  };
  const { readImport } = await import('../read-import.ts');
  const [plan] = await plansOf(files);
  for await (const record of readImport(watched, plan!)) {
    expect(record.kind).toBe('example');
    break;
  }
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(closed).toBe(true);
});

test('an aborted import stops', async () => {
  const controller = new AbortController();
  const files = memoryFiles('made up', { 'activations/batch-0.jsonl': jsonl([row, row]) });
  controller.abort(new Error('stopped by the user'));
  await expect(importAll(files, { signal: controller.signal })).rejects.toThrow('stopped by the user');
});
