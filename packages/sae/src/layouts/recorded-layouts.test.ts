import { readFileSync } from 'node:fs';
import { openEngine, type Engine } from '@monosema/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadSae, saveSae, type Files } from '../checkpoint/sae-files.ts';
import { decode, needsInput } from '../decode.ts';
import { compileEncode } from '../encode.ts';
import { denseFromSparse, expectClose } from '../fixtures/compare.fixture.ts';
import { openSae, type OpenedSae, type OpenSaeOptions } from '../pretrained/index.ts';
import type { Sae } from '../sae.ts';
import { memoryFolder, partOf } from './folder.ts';
import type { LayoutHints } from './layout.ts';

// What scripts/record-layouts.py recorded: files of dictionary_learning, sparsify, OpenAI and others, with what the programs
// that wrote them make of x.

interface Recorded {
  name: string;
  layout: string;
  files: Record<string, string>;
  /** The folder or file that is opened, where it is not all of them. */
  path?: string;
  codes: number[];
  out: number[];
  read?: Record<string, unknown>;
  hints?: LayoutHints;
}
const { x, cases } = JSON.parse(readFileSync(new URL('../fixtures/layouts.json', import.meta.url), 'utf8')) as {
  x: number[];
  cases: Recorded[];
};
const caseNamed = (name: string): Recorded => cases.find((recorded) => recorded.name === name)!;
const filesOf = ({ files }: Recorded): Files =>
  Object.fromEntries(
    Object.entries(files).map(([name, base64]) => [name, new Uint8Array(Buffer.from(base64, 'base64'))]),
  );
const open = (recorded: Recorded, options: OpenSaeOptions = {}, files = filesOf(recorded)): Promise<OpenedSae> =>
  openSae(partOf(memoryFolder(files, recorded.name), recorded.path ?? ''), options);

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

async function expectRecorded(sae: Sae, recorded: Recorded): Promise<void> {
  const encoder = await compileEncode(engine, sae);
  const input = Float32Array.from(x);
  const codes = await encoder.encode(input);
  await encoder.dispose();
  expectClose('codes', denseFromSparse(codes, sae.config.dSae), recorded.codes, 1e-5);
  expectClose('out', decode(sae, codes, needsInput(sae.config) ? input : undefined), recorded.out, 1e-5);
}

test.each(cases.map((recorded) => [recorded.name, recorded] as const))(
  'files of another program give its codes and outputs, and so do they as SAELens files: %s',
  async (_, recorded) => {
    const { sae, layout } = await open(recorded, { hints: recorded.hints ?? {} });
    expect(layout).toBe(recorded.layout);
    await expectRecorded(sae, recorded);
    const again = loadSae(saveSae(sae));
    expect(again).toMatchObject({ config: sae.config, parameters: sae.parameters });
    expect(saveSae(again)).toEqual(saveSae(sae));
  },
);

test('dictionary_learning: what config.json says of the input is read, and the trained architecture kept', async () => {
  const { sae, notes } = await open(caseNamed('BatchTopKSAE'));
  expect(sae.config).toMatchObject({
    architecture: 'jumprelu',
    contract: { modelId: 'pythia-70m-deduped', hookPoint: 'blocks.3.hook_resid_post', contextSize: 256 },
    metadata: { training_architecture: 'batchtopk', k: 3 },
  });
  expect(new Set(sae.parameters.threshold)).toEqual(new Set([0.40625]));
  expect(notes.map(({ kind, field }) => `${kind} ${field}`)).toEqual([
    ...['renamed submodule_name', 'converted threshold', 'renamed model_name', 'default prepend_bos'],
  ]);
});

test('dictionary_learning: a BatchTopK SAE can be read as it was trained, and must be where it has no threshold yet', async () => {
  const recorded = caseNamed('MatryoshkaBatchTopKSAE');
  const { sae } = await open(recorded, { hints: { architecture: 'matryoshka_batchtopk' } });
  expect(sae.config).toMatchObject({ architecture: 'matryoshka_batchtopk', k: 3, widths: [3, 6, 12] });
  await expectRecorded(sae, recorded);
  await expect(open(recorded, { hints: { architecture: 'topk' } })).rejects.toThrow('architecture is jumprelu');
  const files = filesOf(recorded);
  const unset = replaceFloat(files['ae.pt']!, 0.40625, -1);
  await expect(open(recorded, {}, { ...files, 'ae.pt': unset })).rejects.toThrow('the threshold is unset (-1)');
  const early = await open(recorded, { hints: { architecture: 'matryoshka_batchtopk' } }, { ...files, 'ae.pt': unset });
  expect(early.notes.find(({ field }) => field === 'threshold')?.kind).toBe('unknown');
  expect([...early.sae.parameters.topk_threshold!]).toEqual([0]);
});

test('dictionary_learning: TopK and BatchTopK state dicts look alike, so one that comes alone needs a word', async () => {
  for (const [name, architecture] of [
    ['AutoEncoderTopK', 'topk'],
    ['BatchTopKSAE', 'jumprelu'],
  ] as const) {
    const recorded = caseNamed(name);
    const files = { 'sae.pt': filesOf(recorded)['ae.pt']! };
    await expect(open(recorded, {}, files)).rejects.toThrow('say architecture topk, or batchtopk or jumprelu');
    await expectRecorded((await open(recorded, { hints: { architecture } }, files)).sae, recorded);
    const old = replaceText(filesOf(recorded)['config.json']!, '"dict_class"', '"was_dict_class"');
    const { sae } = await open(recorded, {}, { ...files, 'config.json': old });
    expect(sae.config.architecture).toBe(architecture);
  }
});

test('a tensor too many, or one too few, is named; so is a class that is no SAE', async () => {
  const gated = filesOf(caseNamed('GatedAutoEncoder'));
  const config = gated['config.json']!;
  const swapped = { 'config.json': config, 'ae.pt': filesOf(caseNamed('AutoEncoderTopK'))['ae.pt']! };
  await expect(open(caseNamed('GatedAutoEncoder'), {}, swapped)).rejects.toThrow(
    'ae.pt: tensor decoder_bias, gate_bias, mag_bias, r_mag is missing; there is',
  );
  const topk = { ...swapped, 'config.json': replaceText(config, 'GatedAutoEncoder', 'AutoEncoderNew') };
  await expect(open(caseNamed('GatedAutoEncoder'), {}, topk)).rejects.toThrow('tensor decoder.bias is missing');
  const identity = { ...gated, 'config.json': replaceText(config, 'GatedAutoEncoder', 'IdentityDict') };
  await expect(open(caseNamed('GatedAutoEncoder'), {}, identity)).rejects.toThrow(
    'IdentityDict is none of AutoEncoder',
  );
  const wide = { ...gated, 'config.json': replaceText(config, '"dict_size": 12', '"dict_size": 13') };
  await expect(open(caseNamed('GatedAutoEncoder'), {}, wide)).rejects.toThrow('dict_size is 13 in its settings');
});

test('fault 30: an SAE of sparsify subtracts b_dec whatever normalize_decoder says, and W_dec is [latents, outputs]', async () => {
  const { sae, notes } = await open(caseNamed('sparsify: SAE'));
  expect(sae.config).toMatchObject({
    architecture: 'topk',
    ...{ k: 3, signed: false, subtractDecoderBias: true },
    contract: { modelId: 'pythia-70m', hookPoint: 'blocks.2.hook_resid_post', contextSize: 512 },
    dataSetId: 'EleutherAI/the_pile_deduplicated',
  });
  expect(notes.map(({ field }) => field)).toEqual(['hook_name', 'model_name', 'prepend_bos']);
});

test('sparsify: transcoders read a module and predict it; what is not TopK, or a signed transcoder, is refused', async () => {
  const recorded = caseNamed('sparsify: skip transcoder');
  const { sae } = await open(recorded);
  expect(sae.config).toMatchObject({
    ...{ architecture: 'skip_transcoder', kept: 3, hookPointOut: 'blocks.2.hook_mlp_out' },
    contract: { hookPoint: 'blocks.2.mlp.hook_in' },
  });
  const saved = saveSae(sae)['cfg.json']!;
  expect(JSON.parse(new TextDecoder().decode(saved))).toMatchObject({ architecture: 'topk_skip_transcoder', k: 3 });
  const files = filesOf(recorded);
  const changed = (from: string, to: string): Files => ({
    ...files,
    'layers.2.mlp/cfg.json': replaceText(files['layers.2.mlp/cfg.json']!, from, to),
  });
  await expect(open(recorded, {}, changed('"topk"', '"groupmax"'))).rejects.toThrow('activation: is not topk');
  await expect(open(recorded, {}, changed('"k": 3', '"signed": true, "k": 3'))).rejects.toThrow('signed: is true');
  await expect(open(recorded, {}, changed('"skip_connection": true', '"x": 1'))).rejects.toThrow(
    'unknown tensor W_skip',
  );
});

test("OpenAI's paths say where an SAE reads; connor_rob's settings do", async () => {
  const { config } = (await open(caseNamed('openai: TopK'))).sae;
  expect(config).toMatchObject({
    ...{ architecture: 'topk', k: 3, normalisation: 'layer_norm' },
    contract: { modelId: 'gpt2-small', hookPoint: 'blocks.8.hook_resid_mid' },
  });
  const relu = (await open(caseNamed('openai: ReLU'))).sae.config;
  expect(relu).toMatchObject({ normalisation: 'none', contract: { hookPoint: 'blocks.8.mlp.hook_post' } });
  const recorded = caseNamed('connor_rob');
  const { sae } = await open(recorded);
  expect({
    model_name: sae.config.contract.modelId,
    hook_name: sae.config.contract.hookPoint,
    context_size: sae.config.contract.contextSize,
    reshape_activations: sae.config.reshape,
  }).toEqual(recorded.read);
});

const replaceText = (bytes: Uint8Array, from: string, to: string): Uint8Array => {
  const text = new TextDecoder().decode(bytes);
  expect(text).toContain(from);
  return new TextEncoder().encode(text.replace(from, to));
};

/** A torch file whose last tensor of this one float has another value. */
function replaceFloat(file: Uint8Array, from: number, to: number): Uint8Array {
  const bytes = Buffer.from(file);
  const at = bytes.lastIndexOf(Buffer.from(Float32Array.of(from).buffer));
  expect(at).toBeGreaterThan(0);
  bytes.writeFloatLE(to, at);
  return new Uint8Array(bytes);
}
