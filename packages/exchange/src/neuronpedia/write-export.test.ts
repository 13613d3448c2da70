import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { folderFiles } from '../files/folder-files.ts';
import { asText, fixture, importAll, ofKind } from '../fixtures.fixture.ts';
import type { ImportedExample, ImportedFeature, ImportedLabel, ImportRecord, Row } from '../records.ts';
import { shortest } from './float32-text.ts';
import { writeExport } from './write-export.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'monosema-exchange-'));
});
afterEach(() => rm(root, { recursive: true }));

const source = { modelId: 'gpt2-small', sourceId: '0-res-jb' };

/** Features, examples and labels in an order of their own; ids are given where there were none. */
const sorted = (records: readonly ImportRecord[]): ImportRecord[] =>
  records
    .filter((record): record is ImportedFeature | ImportedExample | ImportedLabel => 'index' in record)
    .map((record, nth) => ({
      record: record.kind === 'feature' ? record : { ...record, id: null, authorId: null },
      nth,
    }))
    .sort((a, b) => order(a.record) - order(b.record) || a.nth - b.nth)
    .map(({ record }) => record as ImportRecord);

const order = ({ kind, index }: { kind: string; index: number }): number =>
  ['feature', 'example', 'label'].indexOf(kind) * 1e6 + index;

const rowsOf = async (path: string): Promise<Row[]> =>
  gunzipSync(await readFile(join(root, path)))
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);

describe('what was imported, exported and imported again, is the same', () => {
  test.each([
    ['saedashboard', 'the dashboards of SAEDashboard'],
    ['v1-saedashboard', 'its v1 export'],
    ['v1-database', "an export of Neuronpedia's database"],
    ['sae-vis/demo_prompt_vis.data.json.gz', 'data of sae_vis'],
    ['sae-vis/demo_feature_vis_attn2l.html.gz', 'a page of sae_vis with attributions'],
  ])('%s', async (name) => {
    const first = await importAll(await folderFiles(fixture(name)));
    await writeExport(root, first.records, { ...source, featuresPerFile: 3 });
    const second = await importAll(await folderFiles(root));
    expect(second.problems).toEqual([]);
    expect(asText(sorted(second.records))).toEqual(asText(sorted(first.records)));
    for (const kind of ['release', 'model', 'source-set', 'source'] as const)
      if (ofKind(first.records, kind).length > 0)
        expect(ofKind(second.records, kind)).toEqual(ofKind(first.records, kind));
    // A third time, from the export: the very same files.
    const before = await readFile(join(root, 'manifest.json'), 'utf8');
    const again = await mkdtemp(join(tmpdir(), 'monosema-exchange-'));
    await writeExport(again, second.records, { ...source, featuresPerFile: 3 });
    expect(await readFile(join(again, 'manifest.json'), 'utf8')).toBe(before);
    await rm(again, { recursive: true });
  });
});

describe('the files of an export', () => {
  test("are Neuronpedia's, line by line; the examples of a file are of its features", async () => {
    const { records } = await importAll(await folderFiles(fixture('v1-database')));
    const summary = await writeExport(root, records, { ...source, featuresPerFile: 3 });
    expect(summary).toMatchObject({ features: 4, examples: 32, labels: 10, files: 12 });
    const folder = 'gpt2-small/0-res-jb';
    expect((await readdir(join(root, folder))).sort()).toEqual([
      'activations',
      'explanations',
      'features',
      'model.jsonl',
      'release.jsonl',
      'source.jsonl',
      'sourceset.jsonl',
    ]);
    for (const [n, features] of [['0', '1', '10'], ['2']].entries()) {
      expect((await rowsOf(`${folder}/features/batch-${n}.jsonl.gz`)).map(({ index }) => index)).toEqual(features);
      const indexes = (await rowsOf(`${folder}/activations/batch-${n}.jsonl.gz`)).map(({ index }) => index);
      expect([...new Set(indexes)].sort()).toEqual(features);
    }
    // The columns that its exporter writes, and their values.
    for (const part of ['features', 'activations', 'explanations']) {
      const theirs = gunzipSync(
        await readFile(fixture(`v1-database/gpt2-small/0-res-jb/${part}/batch-0.jsonl.gz`)),
      ).toString();
      const row = JSON.parse(theirs.split('\n')[0]!) as Row;
      const ours = (await rowsOf(`${folder}/${part}/batch-0.jsonl.gz`)).find(
        ({ id, index }) => index === row.index && (part === 'features' || id === row.id),
      )!;
      // These say nothing without a vector or an attribution, and in a file of one source.
      const empty = ['sourceSetName', 'vectorDefaultSteerStrength', 'dfaMaxValue', 'dfaTargetIndex'];
      const kept = Object.fromEntries(Object.entries(row).filter(([column]) => !empty.includes(column)));
      expect(Object.keys(ours)).toEqual(expect.arrayContaining(Object.keys(kept)));
      const parsed = (each: Row): Row => ({
        ...each,
        embedding: JSON.parse((each.embedding as string) ?? 'null') as unknown,
      });
      expect(parsed(ours)).toMatchObject(parsed(kept));
    }
  });

  test('carry scores and votes, and what Neuronpedia has no column for', async () => {
    const label: ImportedLabel = {
      kind: 'label',
      index: 4,
      id: null,
      text: 'cats',
      authorId: null,
      method: null,
      modelName: null,
      embedding: null,
      map: { x: 1, y: 2, cluster: 3, logSparsity: -4.5 },
      notes: 'seen twice',
      createdAt: '2026-01-02T03:04:05.000Z',
      scores: [{ value: 0.75, type: 'recall_alt', modelName: 'gpt-4o-mini', details: '{"a":1}' }],
      votes: -2,
    };
    await writeExport(root, [label], source);
    const { records } = await importAll(await folderFiles(root));
    expect(ofKind(records, 'label')).toMatchObject([
      { ...label, id: expect.stringMatching(/^c[0-9a-z]{24}$/) as string, authorId: expect.any(String) as string },
    ]);
  });

  test('of several sources share a manifest; an existing one is replaced only when asked', async () => {
    const { records } = await importAll(await folderFiles(fixture('v1-saedashboard')));
    await writeExport(root, records, source);
    await writeExport(root, records, { modelId: 'gpt2-small', sourceId: '1-res-jb' });
    const before = await readFile(join(root, 'manifest.json'), 'utf8');
    await expect(writeExport(root, records, source)).rejects.toThrow('0-res-jb exists already');
    await writeExport(root, records, { ...source, replace: true });
    expect(await readFile(join(root, 'manifest.json'), 'utf8')).toBe(before);
    expect(before).toContain('gpt2-small/1-res-jb/features/batch-0.jsonl.gz');
  });

  test('are nowhere when the export fails', async () => {
    const failing = (async function* (): AsyncGenerator<ImportRecord> {
      yield await Promise.resolve({ kind: 'skipped-features', indexes: [1], logSparsityThreshold: null });
      throw new Error('the database is gone');
    })();
    await expect(writeExport(root, failing, source)).rejects.toThrow('the database is gone');
    expect(await readdir(join(root, 'gpt2-small'))).toEqual([]);
    await expect(writeExport(root, [], { ...source, sourceId: '../x' })).rejects.toThrow(
      '"../x" can\'t be the name of a folder',
    );
    await writeFile(join(root, 'manifest.json'), '{}');
    await expect(writeExport(root, [], source)).rejects.toThrow(
      'manifest.json is no manifest of ours, and is left as it is',
    );
  });
});

test('activations are written with the fewest digits that give the same float32', () => {
  for (const value of [0, 1, -2, 0.1, 0.443, 2.214, 1e-9, 16777216, 123456.7, 3.4028234663852886e38, 1e-45])
    expect(Math.fround(shortest(Math.fround(value)))).toBe(Math.fround(value));
  for (const value of [0.1, 0.443, 2.214, 1e-9, 0.00001, 0.123457, 1.234567, 123456.7])
    expect(shortest(Math.fround(value))).toBe(value);
  const random = new Float32Array(
    Uint32Array.from({ length: 2000 }, (_, i) => Math.imul(i + 1, 2654435761) & 0xff7fffff).buffer,
  );
  for (const value of random) if (Number.isFinite(value)) expect(Math.fround(shortest(value))).toBe(value);
});
