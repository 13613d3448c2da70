import { beforeAll, describe, expect, test } from 'vitest';
import { folderFiles, memoryFiles } from '../files/folder-files.ts';
import { asText, fixture, importAll, ofKind, plansOf, rawJson, type Imported } from '../fixtures.fixture.ts';

interface RawToken {
  tok: string;
  tokID: number;
  tokPosn: string;
  isBold: boolean;
  featAct?: number;
  lossEffect?: number;
}

interface RawGroup {
  seqGroupMetadata: { title: string };
  seqGroupData: { seqData: RawToken[] }[];
}

interface RawFeature {
  prompt: RawGroup[];
  seqMultiGroup: RawGroup[];
  actsHistogram: { x: number[]; y: number[]; title: string };
  logitsHistogram: { x: number[]; y: number[] };
  logitsTable: Record<'negLogits' | 'posLogits', { symbol: string; value: number }[]>;
}

const data = 'sae-vis/demo_prompt_vis.data.json.gz';

describe('the 128 features of a prompt-centric page of sae_vis', () => {
  let imported: Imported;
  let raw: [string, RawFeature][];
  beforeAll(async () => {
    imported = await importAll(await folderFiles(fixture(data)));
    raw = Object.entries(await rawJson<Record<string, RawFeature>>(data));
  });

  test('are recognised in a single file; model and source are for the importer to say', () => {
    expect(imported.plan).toMatchObject({ layout: 'sae-vis', modelId: null, sourceId: null });
    expect(imported.problems).toEqual([]);
    expect(ofKind(imported.records, 'file')).toMatchObject([{ records: 128 * 12, problems: 0 }]);
  });

  test('keep every number of the features', () => {
    const features = ofKind(imported.records, 'feature');
    expect(features.map(({ index }) => index)).toEqual(raw.map(([key]) => Number(key)));
    for (const [i, feature] of features.entries()) {
      const one = raw[i]![1];
      const percent = /DENSITY = (.*)%/.exec(one.actsHistogram.title)![1]!;
      expect(feature.density).toBeCloseTo(Number(percent) / 100, 12);
      expect(feature.maximum).toBe(
        Math.max(
          ...one.seqMultiGroup.flatMap((group) =>
            group.seqGroupData.flatMap(({ seqData }) => seqData.map(({ featAct }) => featAct ?? 0)),
          ),
        ),
      );
      expect(feature.activationHistogram).toEqual({ centres: one.actsHistogram.x, heights: one.actsHistogram.y });
      expect(feature.logitHistogram).toEqual({ centres: one.logitsHistogram.x, heights: one.logitsHistogram.y });
      for (const [ours, theirs] of [
        ['topLogits', 'posLogits'],
        ['bottomLogits', 'negLogits'],
      ] as const)
        expect(feature[ours]).toEqual(one.logitsTable[theirs].map(({ symbol, value }) => ({ token: symbol, value })));
    }
  });

  test('keep every token, id, place and activation of the examples and of the prompt', () => {
    const examples = ofKind(imported.records, 'example');
    const sequences = raw.flatMap(([key, one]) =>
      [...one.seqMultiGroup, ...one.prompt].flatMap((group) =>
        group.seqGroupData.map(({ seqData }) => ({ index: Number(key), seqData, title: group.seqGroupMetadata.title })),
      ),
    );
    const expected = sequences.map(({ index, seqData, title }) => {
      const values = seqData.map(({ featAct }) => featAct ?? 0);
      const place = /\((\d+), (\d+)\)/.exec(seqData[0]!.tokPosn);
      const measured = seqData.some(({ lossEffect }) => lossEffect !== undefined);
      const isPrompt = title === '';
      return {
        kind: 'example',
        index,
        id: null,
        tokens: seqData.map(({ tok }) => tok),
        tokenIds: seqData.map(({ tokID }) => tokID),
        values: Float32Array.from(values),
        position: values.indexOf(Math.max(...values)),
        group: isPrompt ? { kind: 'prompt' } : { kind: 'top', maximum: Number(/MAX ACT = ([\d.]+)/.exec(title)![1]) },
        qualifyingPosition: isPrompt ? null : seqData.findIndex(({ isBold }) => isBold),
        place: place && { context: Number(place[1]), position: Number(place[2]) },
        attribution: null,
        attentionPairs: null,
        lossEffects: measured ? seqData.map(({ lossEffect }) => lossEffect ?? 0) : [],
        logitContributions: null,
        dataSource: null,
        dataIndex: null,
      };
    });
    expect(expected).toHaveLength(128 * 11);
    expect(asText(examples)).toEqual(asText(expected));
  });
});

describe('pages of sae_vis 0.3.7', () => {
  test('a feature-centric one: intervals, and tables of neurons and features', async () => {
    const { records, problems } = await importAll(await folderFiles(fixture('sae-vis/demo_feature_vis.html.gz')));
    expect(problems).toEqual([]);
    const [first, ...others] = ofKind(records, 'feature');
    expect(others.map(({ index }) => index)).toEqual([3, 8]);
    expect(first).toMatchObject({
      index: 0,
      density: 0.00005,
      maximum: 1.0069,
      neuronAlignment: [
        { index: 1835, value: 0.18, l1Share: 0.005 },
        { index: 1167, value: 0.168, l1Share: 0.004 },
        { index: 83, value: 0.152, l1Share: 0.004 },
      ],
    });
    expect(first!.correlatedNeurons[1]).toEqual({ index: 2, pearson: 0.013, cosine: 0.009 });
    expect(first!.correlatedFeatures[0]).toEqual({ index: 2885, pearson: 0.929, cosine: 0.929 });
    const groups = ofKind(records, 'example')
      .filter(({ index }) => index === 0)
      .map(({ group }) => group);
    expect(groups.slice(0, 21)).toEqual([
      ...Array<unknown>(20).fill({ kind: 'top', maximum: 1.007 }),
      { kind: 'interval', from: 0.906, to: 1.007, share: 0.03846 },
    ]);
  });

  test('one of an attention SAE: direct attributions over sources of their own', async () => {
    const { records, problems } = await importAll(
      await folderFiles(fixture('sae-vis/demo_feature_vis_attn2l.html.gz')),
    );
    expect(problems).toEqual([]);
    const example = ofKind(records, 'example')[0]!;
    expect(example.place).toEqual({ context: 3220, position: 212 });
    expect(example.tokens[5]).toBe('.');
    expect([example.position, example.qualifyingPosition, example.values[5]]).toEqual([5, 5, Math.fround(1.8091)]);
    expect(example.attribution!.tokens!.slice(3, 6)).toEqual(['th', 'iel', '@']);
    expect(example.attribution!.values[5]).toBe(1.0837056636810303);
    expect(example.attribution!.maximum).toBe(1.0837056636810303);
    expect(example.lossEffects[3]).toBe(0.4344);
  });

  test('boards of Othello are no texts: left out with the reason, the rest is read', async () => {
    const { records, problems } = await importAll(await folderFiles(fixture('sae-vis/demo_othello_vis.html.gz')));
    expect(new Set(problems.map(({ reason }) => reason))).toEqual(new Set(['seqData is no text, but a board']));
    expect(ofKind(records, 'feature')).toMatchObject([{ index: 0, density: 0.00063 }]);
    expect(ofKind(records, 'example')).toEqual([]);
  });

  test('are told from other pages and other data; the pages of SAEDashboard are refused', async () => {
    const page = (data: string): Uint8Array =>
      Buffer.from(`<script>\nfunction defineData() {\n    // the data\n\n    return ${data};\n}\n</script>`);
    const found = await plansOf(
      memoryFiles('made up', {
        'other.html': Buffer.from('<p>hello</p>'),
        'other.json': Buffer.from('{"0": {"x": 1}}'),
        'list.json': Buffer.from('[1]'),
        'right.html': page('{"7": {"seqMultiGroup": []}}'),
      }),
    );
    expect(found.map(({ parts }) => parts.map(({ file }) => file.path))).toEqual([['right.html']]);
    await expect(plansOf(memoryFiles('made up', { 'a.html': page('{"DASHBOARD_DATA": {}}') }))).rejects.toThrow(
      'a.html is a page of SAEDashboard, which shows less than was computed: import its batch-*.json',
    );
    await expect(plansOf(memoryFiles('made up', { 'other.json': Buffer.from('{}') }))).rejects.toThrow(
      'made up holds nothing to import',
    );
  });
});
