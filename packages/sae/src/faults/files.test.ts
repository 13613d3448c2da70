import { openEngine, type Engine } from '@monosema/engine';
import { readSafetensorsHeader } from '@monosema/formats';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadSae, loadSaeWithNotes, saveSae, type Files } from '../checkpoint/sae-files.ts';
import { readSaelensConfig } from '../checkpoint/saelens-config.ts';
import { saeConfigSchema } from '../config/sae-config.ts';
import { decode } from '../decode.ts';
import { compileEncode } from '../encode.ts';
import { testConfig, testNumbers, testSae } from '../sae.fixture.ts';

// Faults that other programs had (issues of SAELens unless another is named); faults.fixture.ts lists all of them.
// Here: files that were read as something else. Those of other layouts are beside their readers.

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

type Fields = Record<string, unknown>;
const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const configOf = (files: Files): Fields => JSON.parse(new TextDecoder().decode(files['cfg.json'])) as Fields;

test('#592: a threshold in the file was dropped silently; tensors that an architecture lacks are errors', () => {
  const files = saveSae(testSae({ architecture: 'jumprelu' }));
  const asStandard = json({ ...configOf(files), architecture: 'standard' });
  expect(() => loadSae({ ...files, 'cfg.json': asStandard })).toThrow(
    'unknown tensor threshold; a standard SAE has W_enc',
  );
});

test('#554: TopK SAEs of old files, which call themselves standard, were read as ReLU', () => {
  const old = {
    d_in: 4,
    d_sae: 8,
    architecture: 'standard',
    activation_fn_str: 'topk',
    activation_fn_kwargs: { k: 3 },
  };
  expect(readSaelensConfig(JSON.stringify(old)).config).toMatchObject({ architecture: 'topk', k: 3 });
  const without = JSON.stringify({ ...old, activation_fn_kwargs: {} });
  expect(() => readSaelensConfig(without)).toThrow('k: k is needed for a TopK SAE');
});

test('#168, #193: fields that cfg.json lacks stopped the load; they have the defaults of their time, and each is noted', () => {
  const files = saveSae(testSae({ architecture: 'standard' }));
  const bare = { d_in: 6, d_sae: 10, hook_point: 'blocks.2.hook_resid_post' };
  const { sae, notes, layout } = loadSaeWithNotes({ ...files, 'cfg.json': json(bare) });
  expect(layout).toBe('saelens-5');
  expect(sae.config).toMatchObject({ architecture: 'standard', subtractDecoderBias: true, normalisation: 'none' });
  const defaults = notes.filter(({ kind }) => kind === 'default').map(({ field }) => field);
  expect(defaults).toEqual(expect.arrayContaining(['architecture', 'apply_b_dec_to_input', 'normalize_activations']));
});

test('#516: b_dec was subtracted from inputs of transcoders', () => {
  expect(testConfig({ architecture: 'transcoder' }).subtractDecoderBias).toBe(false);
  const config = testConfig({ architecture: 'transcoder' });
  expect(saeConfigSchema.safeParse({ ...config, subtractDecoderBias: true }).success).toBe(false);
});

test('#725: W_skip kept a precision of its own; it is saved in that of the SAE and skips in float32 all the same', async () => {
  const sae = testSae({ architecture: 'skip_transcoder', dtype: 'bfloat16' });
  const files = saveSae(sae);
  const { tensors } = readSafetensorsHeader(files['sae_weights.safetensors']!);
  expect(Object.fromEntries([...tensors].map(([name, { dtype }]) => [name, dtype]))).toEqual({
    ...{ W_enc: 'BF16', b_enc: 'BF16', W_dec: 'BF16', b_dec: 'BF16', W_skip: 'BF16' },
  });
  const loaded = loadSae(files);
  const x = testNumbers(5)(3 * 6);
  const encoder = await compileEncode(engine, loaded);
  const codes = await encoder.encode(x);
  await encoder.dispose();
  const none = { ...codes, offsets: new Int32Array(4), indices: new Int32Array(0), values: new Float32Array(0) };
  const { W_skip, b_dec } = loaded.parameters;
  decode(loaded, none, x).forEach((value, i) => {
    let wanted = b_dec[i % 4]!;
    for (let d = 0; d < 6; d++) wanted += W_skip![(i % 4) * 6 + d]! * x[Math.floor(i / 4) * 6 + d]!;
    expect(value).toBeCloseTo(wanted, 5);
  });
});

test('#163: an SAE of one head was measured with all heads ablated; an SAE of one head is refused', () => {
  const files = saveSae(testSae({ architecture: 'standard' }));
  const config = configOf(files);
  const ofHead = { ...config, metadata: { ...(config['metadata'] as Fields), hook_head_index: 3 } };
  expect(() => loadSae({ ...files, 'cfg.json': json(ofHead) })).toThrow('an SAE of a single head is not read');
});
