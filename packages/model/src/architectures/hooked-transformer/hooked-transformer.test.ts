import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import * as op from '@monosema/engine';
import { evaluate } from '@monosema/engine';
import { readSafetensors } from '@monosema/formats';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { largestError } from '../../golden.fixture.ts';
import { Hooks, loadModel } from '../../index.ts';
import { readHookedConfig } from './config.ts';
import { checkSpareTensor } from './weights.ts';

const folder = (name: string): string => fileURLToPath(new URL(`../../../fixtures/toy/${name}`, import.meta.url));

// TransformerLens 3.9 in float64 (its rotary tables in float32): scripts/make-toy-goldens.py.
test.each(['attention-only', 'local-rotary'])("every hook point of %s is TransformerLens's", async (name) => {
  const model = await loadModel(folder(name));
  const golden = readSafetensors(gunzipSync(await readFile(join(folder(name), 'golden.safetensors.gz'))));
  // 3.9 has hook points at the unembedding too, which are no others: ln_final's output and the logits.
  const { ids: rows, 'unembed.hook_in': _in, 'unembed.hook_out': _out, ...want } = golden;
  const ids = op.input('ids', rows!.shape, 'int');
  const hooks = new Hooks();
  const logits = model.trace(ids, hooks);
  const outputs = Object.fromEntries(
    Object.keys(want).map((key) => [key, key === 'logits' ? logits : hooks.taps[key]!]),
  );
  const got = evaluate({ inputs: { ids, ...model.parameters }, outputs }, { ids: rows!, ...model.weights });
  for (const [key, { data, shape }] of Object.entries(want)) {
    expect(got[key]!.shape, key).toEqual(shape);
    expect(largestError(got[key]!.data, data), key).toBeLessThan(2e-6);
  }
  expect(Object.keys(want).length).toBeGreaterThan(15);
});

test('its tokens are numbers', async () => {
  const { tokenizer } = await loadModel(folder('attention-only'));
  expect(tokenizer.encode('3 0 8')).toEqual([3, 0, 8]);
  expect(tokenizer.vocabulary.textsOf([3, 0, 8])).toEqual([' 3', ' 0', ' 8']);
  expect(() => tokenizer.encode('3 9')).toThrow('"9" is no token: they are the numbers 0 to 8');
});

const config = {
  architectures: ['HookedTransformer'],
  n_layers: 1,
  d_model: 8,
  n_ctx: 4,
  d_head: 4,
  d_vocab: 5,
  act_fn: 'relu',
};
test.each([
  [{ gated_mlp: true }, 'gated_mlp'],
  [{ attention_dir: 'bidirectional' }, 'attention_dir'],
  [{ act_fn: 'solu_ln' }, '"solu_ln" is not supported'],
  [{ act_fn: undefined }, 'act_fn must name an activation'],
  [{ d_vocab_out: 7 }, 'd_vocab_out is 7, but must be d_vocab'],
  [{ positional_embedding_type: 'rotary', rotary_dim: 6 }, 'rotary_dim is 6'],
  [{ use_local_attn: true }, 'needs window_size'],
])('a config with %o is refused', (change, message) => {
  expect(() => readHookedConfig({ ...config, ...change })).toThrow(message);
});

test('a mask of its own is refused', () => {
  const read = readHookedConfig(config);
  const mask = (data: number[]) => ({ data: Int32Array.from(data), shape: [2, 2] });
  expect(() => checkSpareTensor('blocks.0.attn.mask', mask([1, 0, 1, 1]), read)).not.toThrow();
  expect(() => checkSpareTensor('blocks.0.attn.mask', mask([1, 0, 0, 1]), read)).toThrow('is not the causal mask');
});

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'monosema-hooked-'));
});
afterAll(() => rm(scratch, { recursive: true }));

test('weights without a config, or of something else, are refused by name', async () => {
  const file = join(scratch, 'lonely.pt');
  await copyFile(join(folder('attention-only'), 'model.pt'), file);
  await expect(loadModel(file)).rejects.toThrow(
    'model "lonely" has no config.json that says what its 24 tensors (embed.W_E,',
  );
  await writeFile(join(scratch, 'config.json'), JSON.stringify({ ...config, architectures: ['GRUModel'] }));
  await expect(loadModel(scratch)).rejects.toThrow('names architecture "GRUModel"; supported are');
  await writeFile(join(scratch, 'config.json'), JSON.stringify(config));
  await expect(loadModel(scratch)).rejects.toThrow('has shape [9, 12], but config.json asks for [5, 8]');
});
