import { openEngine, type Engine } from '@monosema/engine';
import { writeSafetensors } from '@monosema/formats';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadSae, saveSae } from '../checkpoint/sae-files.ts';
import { parameterNames } from '../sae.ts';
import { memoryFolder } from './folder.ts';
import { readLayout } from './index.ts';
import type { LayoutHints } from './layout.ts';
import { caseOf, close, fileOf, folderOf, placeOf, recorded, tensorsOf, times, valuesOf } from './published.fixture.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());
const { dIn, dSae } = recorded;

/** What is meant to differ from SAELens, and why. */
const differences: Readonly<Record<string, { hookPoint?: string; modelId?: string }>> = {
  // Its hook_mlp_in is before the norm; config.json names the norm's output.
  'gemma scope 2, transcoder': { hookPoint: 'blocks.4.mlp.hook_in' },
  'gemma scope 2, affine transcoder': { hookPoint: 'blocks.4.mlp.hook_in' },
  // It names the model that R1 was distilled into; the SAEs are of the distilled one.
  'llama scope r1': { modelId: 'deepseek-r1-distill-llama-8b' },
};

test.each(recorded.cases.map((recording) => [recording.name, recording] as const))(
  'a published layout is found and gives the codes and outputs of sae-lens: %s',
  async (name, recording) => {
    const { layout, hints } = placeOf(recording);
    const read = await readLayout(folderOf(recording), hints);
    expect(read.layout).toBe(layout);
    const { config, metadata } = recording;
    expect(read.sae.config).toMatchObject({
      ...{ architecture: config.architecture, dIn: config.d_in, dSae: config.d_sae },
      ...(config.d_out !== undefined && { dOut: config.d_out, hookPointOut: metadata.hook_name_out }),
      ...(config.k !== undefined && { k: config.k }),
      ...{ subtractDecoderBias: config.apply_b_dec_to_input, reshape: config.reshape_activations },
      normalisation: config.normalize_activations,
      contract: {
        modelId: differences[name]?.modelId ?? metadata.model_name.split('/').at(-1)!.toLowerCase(),
        hookPoint: differences[name]?.hookPoint ?? metadata.hook_name,
        ...{ dIn: config.d_in, contextSize: metadata.context_size ?? 128, prependBos: metadata.prepend_bos },
      },
      dataSetId: metadata.dataset_path,
    });
    expect(read.notes.filter(({ kind }) => kind === 'unknown')).toEqual([]);
    const { codes, out } = await valuesOf(engine, read.sae);
    close('codes', codes, recording.codes);
    const { b_dec } = read.sae.parameters;
    // SAELens forgets b_dec when it scales an embedding's reconstruction.
    const forgotten = (d: number): number => (name.endsWith('embedding') ? b_dec[d]! * (1 - 1 / Math.sqrt(dIn)) : 0);
    const wanted = recording.out.map((value, i) => value + forgotten(i % dIn));
    close('out', out, wanted);
    // What was read is written in SAELens 6 layout, and is the same SAE again.
    const again = loadSae(saveSae(read.sae));
    for (const parameter of parameterNames(read.sae.config))
      expect(again.parameters[parameter], parameter).toEqual(read.sae.parameters[parameter]);
  },
);

test('without the names of the release nothing is guessed, and hints fill it in', async () => {
  const params = fileOf(caseOf('gemma scope, residual stream'), 'params.npz');
  const folder = memoryFolder({ 'params.npz': params }, 'my-copy');
  const { sae, notes } = await readLayout(folder);
  expect(sae.config.contract).toMatchObject({ modelId: 'unknown', hookPoint: 'unknown', contextSize: 1024 });
  expect(notes.filter(({ kind }) => kind === 'unknown').map(({ field }) => field)).toEqual(['model_name', 'hook_name']);
  const hints: LayoutHints = { modelId: 'google/gemma-2-2b', hookPoint: 'blocks.3.hook_resid_post' };
  const hinted = await readLayout(folder, hints);
  expect(hinted.sae.config.contract).toMatchObject({ modelId: 'gemma-2-2b', hookPoint: 'blocks.3.hook_resid_post' });
  const transcoder = await readLayout(folder, { architecture: 'jumprelu_transcoder' });
  expect(transcoder.layout).toBe('gemma-transcoder');
});

test("an embedding's SAE takes and gives the scaled embedding that hook_embed has", async () => {
  const recording = caseOf('gemma scope, embedding');
  const scaled = await readLayout(folderOf(recording));
  const plain = await readLayout(memoryFolder({ 'params.npz': fileOf(recording, 'params.npz') }, 'plain'));
  const root = () => Math.sqrt(dIn);
  const ofScaled = await valuesOf(engine, scaled.sae, times(recorded.x, root));
  const ofPlain = await valuesOf(engine, plain.sae);
  close('codes', ofScaled.codes, ofPlain.codes);
  close('out', ofScaled.out, times(ofPlain.out, root));
});

test('a registry scale is not folded into an SAE that needs none', async () => {
  const recording = caseOf('gemma scope, mlp, lower-case names');
  const plain = await readLayout(folderOf(recording));
  const scaled = await readLayout(folderOf(recording), { inputScaleIfOpen: 7 });
  expect(scaled.sae.parameters).toEqual(plain.sae.parameters);
});

test('what a registry corrects replaces what the files say: centring and normalisation', async () => {
  const corrections = { centred: true, normalisation: 'constant_norm_rescale', sourceId: '20-x' } as const;
  const { sae, notes } = await readLayout(folderOf(caseOf('gemma scope, residual stream')), { corrections });
  expect(sae.config).toMatchObject(corrections);
  expect(notes.map(({ field }) => field)).toEqual(
    expect.arrayContaining(['center_writing_weights', 'normalize_activations']),
  );
});

test('unknown and missing tensors are named', async () => {
  const recording = caseOf('gemma scope 2, residual stream');
  const tensors = tensorsOf(recording, 'params.safetensors');
  const { threshold: _, ...without } = tensors;
  const read = async (to: typeof tensors, of = recording) =>
    readLayout(folderOf(of, { 'params.safetensors': writeSafetensors(to) }));
  await expect(read(without)).rejects.toThrow('tensor threshold is missing');
  const scaling = { data: new Float32Array(dSae), shape: [dSae] };
  await expect(read({ ...tensors, scaling })).rejects.toThrow('unknown tensor scaling');
  await expect(read(tensors, caseOf('gemma scope 2, affine transcoder'))).rejects.toThrow(
    'affine_skip_connection is missing, though config.json says affine_connection true',
  );
});

test('a path that contradicts config.json wins, as in SAELens, and is noted', async () => {
  const recording = caseOf('gemma scope 2, residual stream');
  const config = Buffer.from(fileOf(recording, 'config.json')).toString().replace('layers.4', 'layers.5');
  const { sae, notes } = await readLayout(folderOf(recording, { 'config.json': Buffer.from(config) }));
  expect(sae.config.contract.hookPoint).toBe('blocks.4.hook_resid_post');
  expect(notes.find(({ kind }) => kind === 'ignored')?.message).toContain('blocks.5.hook_resid_post');
});

test("a layer of Gemma Scope 2's cross-layer transcoders is a file whose decoders are summed", async () => {
  const recording = caseOf('gemma scope 2, transcoder');
  const tensors = tensorsOf(recording, 'params.safetensors');
  const { data, shape } = tensors['w_dec']!;
  // Three layers of which the first two cancel.
  const layers = Array.from({ length: dSae }, (_, row) => {
    const own = [...data.subarray(row * dIn, (row + 1) * dIn)];
    return [...own.map((value) => 2 * value), ...own.map((value) => -2 * value), ...own];
  });
  const w_dec = { data: Float32Array.from(layers.flat()), shape: [shape[0]!, 3, dIn] };
  const file = 'params_layer_4.safetensors';
  const name = `google/gemma-scope-2-1b-pt/clt/width_262k_l0_medium/${file}`;
  const folder = memoryFolder({ [file]: writeSafetensors({ ...tensors, w_dec }) }, name, '', file);
  const { sae, layout, notes } = await readLayout(folder);
  expect(layout).toBe('gemma-scope-2');
  expect(sae.config).toMatchObject({ architecture: 'jumprelu_transcoder', hookPointOut: 'blocks.4.hook_mlp_out' });
  expect(notes.find(({ field }) => field === 'w_dec')?.message).toContain('summed');
  close('out', (await valuesOf(engine, sae)).out, recording.out);
});

test('a temporal SAE is refused by name', async () => {
  const bytes = new Uint8Array();
  const folder = memoryFolder({ 'conf.yaml': bytes, 'latest_ckpt.safetensors': bytes }, 'canrager/temporalSAEs/it');
  await expect(readLayout(folder)).rejects.toThrow('canrager/temporalSAEs/it is a temporal SAE');
});
