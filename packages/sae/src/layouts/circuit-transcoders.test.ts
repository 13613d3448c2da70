import { readFileSync } from 'node:fs';
import { openEngine, type Engine } from '@monosema/engine';
import { writeSafetensors, type NamedArray } from '@monosema/formats';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { memoryFolder } from './folder.ts';
import { readLayout } from './index.ts';
import { caseOf, close, fileOf, folderOf, recorded, tensorsOf, valuesOf } from './published.fixture.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());
const { dSae } = recorded;
const filled = (value: number, shape: number[]): NamedArray => ({
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(value),
  shape,
});

/** What scripts/record-circuit-tracer.py recorded: files that circuit-tracer wrote, and what it computes with them. */
const circuitTracer = JSON.parse(readFileSync(new URL('../fixtures/circuit-tracer.json', import.meta.url), 'utf8')) as {
  x: number[];
  cases: { name: string; file: string; files: Record<string, string>; codes: number[]; out: number[] | null }[];
};

test.each(circuitTracer.cases.map((recording) => [recording.name, recording] as const))(
  'files of circuit-tracer give its codes and outputs: %s',
  async (name, { file, files, codes, out }) => {
    const bytes = Object.entries(files).map(([path, text]) => [path, Buffer.from(text, 'base64')] as const);
    const { sae, layout } = await readLayout(memoryFolder(Object.fromEntries(bytes), name, '', file));
    expect(layout).toBe(out === null ? 'clt' : 'mwhanna');
    const values = await valuesOf(engine, sae, Float32Array.from(circuitTracer.x));
    close('codes', values.codes, codes);
    // The layer alone reconstructs nothing.
    if (out !== null) close('out', values.out, out);
  },
);

test('TopK transcoders of circuit-tracer, which keep negative latents, are refused', async () => {
  const recording = caseOf('mwhanna transcoder');
  const tensors = { ...tensorsOf(recording, 'layer_5.safetensors'), k: { data: Int32Array.of(3), shape: [] } };
  const folder = folderOf(recording, { 'layer_5.safetensors': writeSafetensors(tensors) });
  await expect(readLayout(folder)).rejects.toThrow('TopK transcoders are not read');
});

test('what a config says of hook points is heard', async () => {
  const recording = caseOf('mwhanna transcoder');
  const config = Buffer.from(fileOf(recording, 'config.yaml')).toString();
  expect(config).toContain('mlp.hook_in');
  const changed = Buffer.from(config.replace('mlp.hook_in', 'ln2.hook_normalized'));
  const folder = folderOf(recording, { 'config.yaml': changed });
  expect((await readLayout(folder)).sae.config.contract.hookPoint).toBe('blocks.5.ln2.hook_normalized');
});

test('a layer of a cross-layer transcoder keeps its thresholds, which SAELens passes over', async () => {
  const recording = caseOf('clt layer');
  const file = 'W_enc_2.safetensors';
  const bytes = writeSafetensors({ ...tensorsOf(recording, file), threshold_2: filled(0.75, [dSae]) });
  const { sae, notes } = await readLayout(folderOf(recording, { [file]: bytes }));
  expect(sae.config.architecture).toBe('jumprelu_transcoder');
  expect(notes.find(({ field }) => field === 'W_dec_2')?.message).toContain('summed');
  const gated = recording.codes.map((value) => (value > 0.75 ? value : 0));
  close('codes', (await valuesOf(engine, sae)).codes, gated);
});

test('of a folder with many layers one has to be named', async () => {
  const clt = caseOf('clt layer');
  const encoder = fileOf(clt, 'W_enc_2.safetensors');
  const config = { 'config.yaml': fileOf(clt, 'config.yaml') };
  const layers = { ...config, 'W_enc_2.safetensors': encoder, 'W_enc_3.safetensors': encoder };
  await expect(readLayout(memoryFolder(layers, 'clt'))).rejects.toThrow(
    'clt has 2 layers: name one of them, as in clt/',
  );
  const transcoder = fileOf(caseOf('mwhanna transcoder'), 'layer_5.safetensors');
  const set = { ...config, 'layer_0.safetensors': transcoder, 'layer_1.safetensors': transcoder };
  await expect(readLayout(memoryFolder(set, 'set'))).rejects.toThrow('as in set/layer_0.safetensors');
});
