import { readFileSync } from 'node:fs';
import { openEngine, type Engine } from '@monosema/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTrainingConfig } from '../config/read-training-config.ts';
import { decode, needsInput } from '../decode.ts';
import { compileEncode } from '../encode.ts';
import { denseFromSparse, expectClose } from '../fixtures/compare.fixture.ts';
import { loadSae, loadSaeWithNotes, saveSae, type Files } from './sae-files.ts';

// What scripts/record-saelens-old.py recorded: SAELens 5.11, 3.23 and 2.1 themselves wrote these files and encoded with them.

interface Recording {
  x: number[];
  files: { name: string; files: Record<string, string>; codes: number[]; out: number[] }[];
  runs: Record<string, unknown>[];
}
const recordingOf = (version: string): Recording =>
  JSON.parse(readFileSync(new URL(`../fixtures/saelens-${version}.json`, import.meta.url), 'utf8')) as Recording;
const versions = ['5.11.0', '3.23.4', '2.1.3'].map((version) => [version, recordingOf(version)] as const);
const cases = versions.flatMap(([version, { x, files }]) =>
  files.map((recording) => [version, recording.name, { ...recording, x }] as const),
);
const filesOf = (files: Record<string, string>): Files =>
  Object.fromEntries(
    Object.entries(files).map(([name, base64]) => [name, new Uint8Array(Buffer.from(base64, 'base64'))]),
  );

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

test.each(cases)('SAELens %s: its file gives its codes and outputs: %s', async (_, name, recording) => {
  const { sae, layout, notes } = loadSaeWithNotes(filesOf(recording.files));
  expect(layout).toBe('saelens-5');
  expect(notes.filter(({ kind }) => kind === 'unknown')).toEqual([]);
  const { dIn, dSae } = sae.config;
  const x = Float32Array.from(recording.x);
  const encoder = await compileEncode(engine, sae);
  const codes = await encoder.encode(x);
  await encoder.dispose();
  expectClose('codes', denseFromSparse(codes, dSae), recording.codes, 1e-5);
  const out = decode(sae, codes, needsInput(sae.config) ? x : undefined);
  // SAELens leaves centring to the model, and the mean of a layer norm is given back.
  const centred = name.includes('centred');
  const wanted = recording.out.map((value, i) => {
    const row = x.subarray(Math.floor(i / dIn) * dIn, (Math.floor(i / dIn) + 1) * dIn);
    return centred ? value + row.reduce((a, b) => a + b, 0) / dIn : value;
  });
  expectClose('out', out, wanted, 1e-5);
  // Written again it is a file of SAELens 6, and the same SAE.
  const again = loadSae(saveSae(sae));
  expect(again.parameters).toEqual(sae.parameters);
  expect(again.config).toMatchObject(sae.config);
});

test.each(
  versions.flatMap(([version, { runs }]) => runs.map((run) => [version, String(run['architecture']), run] as const)),
)('SAELens %s: a config that it wrote loads unchanged: %s', (_, architecture, run) => {
  const { request, settings, wandb } = readTrainingConfig(run);
  expect(request).toMatchObject({
    ...{ architecture, modelId: 'stories-260k', hookPoint: 'blocks.2.hook_resid_post', dSae: 512, seed: 7 },
    ...{ learningRate: 4e-4, trainingTokens: 1_000_000, batchTokens: 1024, contextSize: 64 },
  });
  const coefficient = architecture === 'topk' ? {} : { sparsityCoefficient: run['l1_coefficient'] };
  expect(settings).toMatchObject({
    loss: { ...coefficient, sparsityWarmUpSteps: 50, ghostGradients: run['use_ghost_grads'] },
    optimiser: { beta1: 0, beta2: 0.999, decoderRows: run['normalize_sae_decoder'] === true ? 'unit' : 'free' },
    schedule: { warmUpSteps: 100, decaySteps: 200, endShare: 0.1 },
    start: { decoderBias: run['b_dec_init_method'] },
    sae: { dIn: 64, normalisation: run['normalize_activations'] },
  });
  if (architecture === 'topk') expect(request.k).toBe(16);
  if (architecture === 'jumprelu') expect(settings.loss).toMatchObject({ jumpBandwidth: 0.02, jumpThreshold: 0.03 });
  expect(wandb).toBeNull();
});
