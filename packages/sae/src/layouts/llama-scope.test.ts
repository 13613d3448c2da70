import { readFileSync } from 'node:fs';
import { openEngine, type Engine } from '@monosema/engine';
import { writeSafetensors } from '@monosema/formats';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { memoryFolder } from './folder.ts';
import { readLayout } from './index.ts';
import {
  caseOf,
  close,
  fileOf,
  folderOf,
  recorded,
  tensorsOf,
  times,
  valuesOf,
  type RecordedLayout,
} from './published.fixture.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());
const { dIn, dSae, rows } = recorded;

/** What scripts/record-openmoss.py recorded: the authors' own program, decoder rows of any norm. */
const openMoss = JSON.parse(readFileSync(new URL('../fixtures/openmoss.json', import.meta.url), 'utf8')) as {
  x: number[];
  cases: { name: string; files: Record<string, string>; codes: number[]; out: number[] }[];
};

test.each(openMoss.cases.map((recording) => [recording.name, recording] as const))(
  "the authors' own program gives the same codes and outputs: %s",
  async (name, recording) => {
    const files = Object.entries(recording.files).map(([path, text]) => [path, Buffer.from(text, 'base64')] as const);
    const { sae, layout } = await readLayout(memoryFolder(Object.fromEntries(files), name));
    expect(layout).toBe(name === 'R1' ? 'llama-scope-r1' : 'llama-scope');
    const { codes, out } = await valuesOf(engine, sae, Float32Array.from(openMoss.x));
    close('codes', codes, recording.codes);
    close('out', out, recording.out);
  },
);

/** A file of text, changed. */
function changed(recording: RecordedLayout, end: string, ...changes: [string, string][]): Record<string, Uint8Array> {
  let text = Buffer.from(fileOf(recording, end)).toString();
  for (const [from, to] of changes) {
    expect(text).toContain(from);
    text = text.replace(from, to);
  }
  return { [end]: new TextEncoder().encode(text) };
}

/** The weights with decoder rows of other norms, which the encoder makes up for. */
function withNorms(recording: RecordedLayout, file: string, norms: readonly number[]): Record<string, Uint8Array> {
  const tensors = tensorsOf(recording, file);
  const scale = (name: string, factor: (i: number) => number): void => {
    const { data, shape } = tensors[name]!;
    tensors[name] = { shape, data: times(data, factor) };
  };
  scale('decoder.weight', (i) => norms[i % dSae]!); // [d_in, d_sae]
  scale('encoder.weight', (i) => 1 / norms[Math.floor(i / dIn)]!); // [d_sae, d_in]
  scale('encoder.bias', (i) => 1 / norms[i]!);
  return { [file]: writeSafetensors(tensors) };
}

test('#483, #645: what is active of Llama Scope follows its published threshold, by the formula in float64', async () => {
  const recording = caseOf('llama scope');
  const { 'encoder.weight': weight, 'encoder.bias': bias } = tensorsOf(recording, 'checkpoints/final.safetensors');
  const s = recording.inputScale!;
  // The authors' own order: x stays, b_enc / s; decoder rows have norm 1; compared with the published 0.3125.
  const isActive = (row: number, latent: number): boolean => {
    let z = bias!.data[latent]! / s;
    for (let d = 0; d < dIn; d++) z += recorded.x[row * dIn + d]! * weight!.data[latent * dIn + d]!;
    return z > 0.3125;
  };
  const { sae } = await readLayout(folderOf(recording), { inputScaleIfOpen: s });
  const { codes } = await valuesOf(engine, sae);
  for (let row = 0; row < rows; row++)
    for (let latent = 0; latent < dSae; latent++)
      expect(codes[row * dSae + latent]! > 0, `${row}, ${latent}`).toBe(isActive(row, latent));
});

test.each([
  ['llama scope', 'checkpoints/final.safetensors', 'hyperparams.json'],
  ['llama scope r1', 'sae_weights.safetensors', 'config.json'],
] as const)(
  "a threshold is in units of the decoder's norm, as the authors have it: norms moved into the encoder change nothing (%s)",
  async (name, file, config) => {
    const recording = caseOf(name);
    const norms = Array.from({ length: dSae }, (_, i) => 2 ** ((i % 4) - 1)); // exact: 1/2, 1, 2, 4
    const weights = withNorms(recording, file, norms);
    const { sae } = await readLayout(folderOf(recording, weights));
    const { codes, out } = await valuesOf(engine, sae);
    const inUnitNorms = times(codes, (i) => norms[i % dSae]!);
    close('codes', inUnitNorms, recording.codes);
    close('out', out, recording.out);
    // Where the file says that norms do not count, they don't.
    const plainly = changed(recording, config, ['decoder_norm": true', 'decoder_norm": false']);
    const other = await readLayout(folderOf(recording, { ...weights, ...plainly }));
    close(
      'threshold',
      times(other.sae.parameters.threshold!, (i) => 1 / norms[i]!),
      sae.parameters.threshold!,
    );
  },
);

test("Llama Scope's transcoders have a scale of their own for what they predict", async () => {
  const recording = caseOf('llama scope');
  const config = changed(
    recording,
    'hyperparams.json',
    ['"hook_point_in": "blocks.9.hook_resid_post"', '"hook_point_in": "blocks.9.ln2.hook_normalized"'],
    ['"hook_point_out": "blocks.9.hook_resid_post"', '"hook_point_out": "blocks.9.hook_mlp_out"'],
    ['"out": 1.5', '"out": 0.5'],
  );
  const { sae } = await readLayout(folderOf(recording, config));
  expect(sae.config).toMatchObject({ architecture: 'jumprelu_transcoder', hookPointOut: 'blocks.9.hook_mlp_out' });
  const { parameters: plain } = (await readLayout(folderOf(recording))).sae;
  close('W_enc', sae.parameters.W_enc, plain.W_enc);
  close(
    'W_dec',
    times(sae.parameters.W_dec, () => 3),
    plain.W_dec,
  );
  close(
    'b_dec',
    times(sae.parameters.b_dec, () => 3),
    plain.b_dec,
  );
  close(
    'threshold',
    times(sae.parameters.threshold!, () => 1 / 3),
    plain.threshold!,
  );
});

test('the scale of R1 is taken from its file, or else from the registry; without either it is open', async () => {
  const recording = caseOf('llama scope r1');
  const file = 'sae_weights.safetensors';
  const all = Object.entries(tensorsOf(recording, file));
  const tensors = Object.fromEntries(all.filter(([name]) => !name.startsWith('dataset_average')));
  const folder = folderOf(recording, { [file]: writeSafetensors(tensors) });
  const open = await readLayout(folder);
  expect(open.sae.config.normalisation).toBe('expected_average_only_in');
  expect(open.notes.find(({ kind }) => kind === 'unknown')?.field).toBe('normalize_activations');
  const { sae, notes } = await readLayout(folder, { inputScaleIfOpen: recording.inputScale! });
  expect(sae.config.normalisation).toBe('none');
  expect(notes.filter(({ kind }) => kind === 'unknown')).toEqual([]);
  close('codes', (await valuesOf(engine, sae)).codes, recording.codes);
});

test('files of a kind that is not read, and a registry that contradicts them, are refused by field', async () => {
  const recording = caseOf('llama scope');
  const read = async (...change: [string, string][]) =>
    readLayout(folderOf(recording, changed(recording, 'hyperparams.json', ...change)));
  await expect(read(['"jumprelu"', '"topk"'])).rejects.toThrow('hyperparams.json: act_fn: only jumprelu is read');
  await expect(read(['"use_glu_encoder": false', '"use_glu_encoder": true'])).rejects.toThrow('a GLU encoder');
  await expect(read(['"dataset-wise"', '"token-wise"'])).rejects.toThrow('norm_activation: only dataset-wise');
  const scale = { inputScaleIfOpen: 3 * recording.inputScale! };
  await expect(readLayout(folderOf(recording), scale)).rejects.toThrow('norm_scaling_factor is');
});
