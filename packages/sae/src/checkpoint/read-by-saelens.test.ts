import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { openEngine, type Engine } from '@monosema/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inferenceSae } from '../architectures/inference-sae.ts';
import { decode, needsInput } from '../decode.ts';
import { compileEncode } from '../encode.ts';
import { exampleInput, examples } from '../fixtures/examples.fixture.ts';
import { denseFromSparse, expectClose } from '../fixtures/compare.fixture.ts';
import { loadSae, saveSae } from './sae-files.ts';

interface Case {
  name: string;
  /** What sae-lens read the files as. */
  class: string;
  sha256: Record<string, string>;
  codes: number[];
  out: number[];
}
const { cases } = JSON.parse(readFileSync(new URL('../fixtures/read-by-saelens.json', import.meta.url), 'utf8')) as {
  cases: Case[];
};

const classes: Record<string, string> = {
  standard: 'StandardSAE',
  gated: 'GatedSAE',
  topk: 'TopKSAE',
  jumprelu: 'JumpReLUSAE',
  transcoder: 'Transcoder',
  skip_transcoder: 'SkipTranscoder',
  jumprelu_transcoder: 'JumpReLUTranscoder',
  jumprelu_skip_transcoder: 'JumpReLUSkipTranscoder',
};
/** The first three are names of ours, which it must not take for plain ones. */
const special: Record<string, string> = {
  'standard, tanh-relu': 'refused: standard_tanh_relu',
  'transcoder that keeps 3': 'refused: topk_transcoder',
  'skip_transcoder that keeps 3': 'refused: topk_skip_transcoder',
  'topk, signed': 'AbsTopKSAE',
};
const trainingClasses: Record<string, string> = {
  topk: 'TopKTrainingSAE',
  batchtopk: 'BatchTopKTrainingSAE',
  matryoshka_batchtopk: 'MatryoshkaBatchTopKTrainingSAE',
};

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

test('sae-lens read every example', () => {
  expect(cases.map(({ name }) => name)).toEqual(examples().map(({ name }) => name));
});

test.each(examples().map((example) => [example.name, example] as const))(
  'a file of ours is what sae-lens has read, and gives here what it gave there: %s',
  async (name, { sae, training }) => {
    const read = cases.find((recorded) => recorded.name === name)!;
    const files = saveSae(sae);
    // Other bytes: run scripts/write-examples.ts and scripts/check-in-saelens.py again.
    expect(
      Object.fromEntries(
        Object.entries(files).map(([file, bytes]) => [file, createHash('sha256').update(bytes).digest('hex')]),
      ),
    ).toEqual(read.sha256);
    expect(read.class).toBe(special[name] ?? (training ? trainingClasses : classes)[sae.config.architecture]);
    if (read.class.startsWith('refused')) return;
    // What an SAE in training would be used as: sae-lens saved that, and encoded with it.
    const loaded = inferenceSae(loadSae(files));
    const encoder = await compileEncode(engine, loaded);
    const codes = await encoder.encode(exampleInput);
    await encoder.dispose();
    const out = decode(loaded, codes, needsInput(loaded.config) ? exampleInput : undefined);
    expectClose('codes', denseFromSparse(codes, loaded.config.dSae), read.codes, 1e-5);
    // sae-lens leaves centring to the model: its output is without the mean.
    const means = loaded.config.centred ? rowMeans(exampleInput, loaded.config.dIn) : undefined;
    const wanted = read.out.map((value, i) => value + (means?.[Math.floor(i / loaded.config.dIn)] ?? 0));
    expectClose('out', out, wanted, 1e-5);
  },
);

const rowMeans = (x: Float32Array, width: number): number[] =>
  Array.from(
    { length: x.length / width },
    (_, row) => x.subarray(row * width, (row + 1) * width).reduce((a, b) => a + b, 0) / width,
  );
