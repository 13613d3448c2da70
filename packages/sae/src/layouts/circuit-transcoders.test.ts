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
const { dIn, dSae } = recorded;
const filled = (value: number, shape: number[]): NamedArray => ({
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(value),
  shape,
});

test('transcoders of circuit-tracer keep thresholds and skip connections; TopK ones are refused', async () => {
  const recording = caseOf('mwhanna transcoder');
  const tensors = tensorsOf(recording, 'layer_5.safetensors');
  const read = async (more: Record<string, NamedArray>) =>
    readLayout(folderOf(recording, { 'layer_5.safetensors': writeSafetensors({ ...tensors, ...more }) }));
  const threshold = { 'activation_function.threshold': filled(0.5, [dSae]) };
  const { sae } = await read({ ...threshold, W_skip: filled(1, [dIn, dIn]) });
  expect(sae.config.architecture).toBe('jumprelu_skip_transcoder');
  const gated = recording.codes.map((value) => (value > 0.5 ? value : 0));
  const { codes, out } = await valuesOf(engine, sae);
  close('codes', codes, gated);
  const { out: unskipped } = await valuesOf(engine, (await read(threshold)).sae);
  const sumOf = (row: number): number => recorded.x.slice(row * dIn, (row + 1) * dIn).reduce((sum, v) => sum + v, 0);
  const skipped = unskipped.map((value, i) => value + sumOf(Math.floor(i / dIn)));
  close('out', out, skipped);
  await expect(read({ k: { data: Int32Array.of(3), shape: [] } })).rejects.toThrow('TopK transcoders are not read');
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
