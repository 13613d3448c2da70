import { modelRecordSchema } from '@monosema/catalog';
import { readSafetensors, writeSafetensors, type NamedArrays } from '@monosema/formats';
import { openModelFolder, type ModelFolder } from '@monosema/hub';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadModel } from './load-model.ts';

const bundled = await openModelFolder('stories-260k');
const config = JSON.parse(new TextDecoder().decode(await bundled.file('config.json'))) as Record<string, unknown>;
const weights = readSafetensors(await bundled.file('model.safetensors'));
const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

const scratch = await mkdtemp(join(tmpdir(), 'monosema-load-model-'));
afterAll(() => rm(scratch, { recursive: true }));

/** The bundled model with other files in place of its own. */
function folderWith(changed: Record<string, Uint8Array>): ModelFolder {
  const files = [...new Set([...bundled.files, ...Object.keys(changed)])];
  return {
    ...bundled,
    files,
    file: async (name) => changed[name] ?? bundled.file(name),
    open: async (name) => {
      const bytes = changed[name];
      if (!bytes) return bundled.open(name);
      await writeFile(join(scratch, name), bytes);
      return open(join(scratch, name));
    },
  };
}
const withConfig = (change: object): ModelFolder => folderWith({ 'config.json': json({ ...config, ...change }) });
const withWeights = (change: (weights: NamedArrays) => void): ModelFolder => {
  const copy = { ...weights };
  change(copy);
  return folderWith({ 'model.safetensors': writeSafetensors(copy) });
};
const zeros = (...shape: number[]): NamedArrays[string] => ({
  data: new Float32Array(shape.reduce((a, b) => a * b)),
  shape,
});

test('the bundled model has its record, its config and its unembedding', async () => {
  const model = await loadModel('stories-260k');
  expect(modelRecordSchema.parse(model.record)).toMatchObject({
    id: 'stories-260k',
    layers: 5,
    dModel: 64,
    licence: 'MIT',
  });
  expect(model.config).toMatchObject({
    dMlp: 172,
    heads: 8,
    keyValueHeads: 4,
    headWidth: 8,
    vocabularySize: 512,
    contextSize: 512,
  });
  const { W_U, finalNormGain } = model.unembedding();
  expect(W_U[3 * 512 + 7]).toBe(weights['model.embed_tokens.weight']!.data[7 * 64 + 3]);
  expect(finalNormGain).toEqual(weights['model.norm.weight']!.data);
});

test.each([
  [{ architectures: ['MambaForCausalLM'] }, 'config.json names architecture "MambaForCausalLM"; supported are '],
  [{ architectures: undefined, model_type: 'gru' }, 'config.json names architecture "gru"'],
  [{ hidden_act: 'gelu' }, 'hidden_act'],
  [
    { rope_scaling: { type: 'longrope', factor: 8 } },
    'rope_scaling.rope_type is "longrope"; supported are default, linear',
  ],
  [{ rope_scaling: { type: 'linear' } }, 'factor'],
  [{ rope_parameters: { rope_type: 'llama3', rope_theta: 5e5 } }, 'factor'],
  [{ attention_bias: true }, 'lack model.layers.0.self_attn.q_proj.bias'],
  [{ hidden_size: -64 }, 'hidden_size'],
  [{ num_key_value_heads: 3 }, 'num_attention_heads is 8, no multiple of num_key_value_heads, which is 3'],
  [{ head_dim: 7 }, '7 entries of a head turn, but rotary positions need an even number'],
  [{ intermediate_size: 100 }, 'has shape [64, 172], but config.json asks for [64, 100]'],
  [{ num_hidden_layers: 6 }, 'lack model.layers.5.input_layernorm.weight'],
  [{ tie_word_embeddings: false }, 'lack lm_head.weight'],
  [{ vocab_size: 500 }, 'config.json asks for [500, 64]'],
])('a config with %o is refused', async (change, message) => {
  await expect(loadModel(withConfig(change))).rejects.toThrow(message);
});

test('weights are strict, but for tensors that are known to be spare', async () => {
  await expect(loadModel(withWeights((w) => delete w['model.norm.weight']))).rejects.toThrow(
    'the weights lack model.norm.weight',
  );
  await expect(loadModel(withWeights((w) => (w['model.extra.weight'] = zeros(2))))).rejects.toThrow(
    'a tensor "model.extra.weight", which LlamaForCausalLM does not know',
  );
  await expect(loadModel(withWeights((w) => (w['model.norm.weight'] = zeros(65))))).rejects.toThrow(
    'has shape [65], but config.json asks for [64]',
  );
  const spare = withWeights((w) => (w['model.layers.0.self_attn.rotary_emb.inv_freq'] = zeros(4)));
  expect(Object.keys((await loadModel(spare)).weights)).toEqual(Object.keys((await loadModel(bundled)).weights));
});

test('weights in shards are put together', async () => {
  const names = Object.keys(weights);
  const shard = (keep: (i: number) => boolean): NamedArrays =>
    Object.fromEntries(Object.entries(weights).filter((_, i) => keep(i)));
  const folder = folderWith({
    'model.safetensors.index.json': json({
      weight_map: Object.fromEntries(names.map((name, i) => [name, `model-${(i % 2) + 1}.safetensors`])),
    }),
    'model-1.safetensors': writeSafetensors(shard((i) => i % 2 === 0)),
    'model-2.safetensors': writeSafetensors(shard((i) => i % 2 === 1)),
  });
  expect((await loadModel(folder)).weights).toEqual((await loadModel('stories-260k')).weights);
});

test('files that are not JSON are named', async () => {
  await expect(loadModel(folderWith({ 'config.json': new TextEncoder().encode('{') }))).rejects.toThrow(
    'config.json of model "stories-260k" is not JSON',
  );
});
