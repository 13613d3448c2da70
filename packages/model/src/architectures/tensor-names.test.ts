import { readFileSync } from 'node:fs';
import type { Arrays } from '@monosema/engine';
import { bytesSource, openSafetensors, type TensorFile } from '@monosema/formats';
import { expect, test } from 'vitest';
import { readWeights } from '../weights/read-weights.ts';
import { architectureOf } from './registry.ts';

const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../fixtures/architectures/${name}`, import.meta.url)));

/** The weights of a tiny model whose file has other tensor names, and those it stands for. */
async function weightsOf(model: string, renamed = (name: string): string | null => name): Promise<Arrays> {
  const json: unknown = JSON.parse(new TextDecoder().decode(fixture(`${model}/config.json`)));
  const architecture = architectureOf(json);
  const file = await openSafetensors(bytesSource(fixture(`${model}/model.safetensors`)));
  const original = new Map<string, string>();
  for (const name of file.tensors.keys()) {
    const other = renamed(name);
    if (other !== null) original.set(other, name);
  }
  const tensors: TensorFile = {
    tensors: new Map([...original].map(([name, from]) => [name, file.tensors.get(from)!])),
    read: (name) => file.read(original.get(name)!),
  };
  return readWeights({ files: [{ name: 'model.safetensors', tensors }] }, architecture, architecture.readConfig(json));
}

test.each<[model: string, file: string, renamed: (name: string) => string]>([
  ['gpt2', 'with a prefix', (name) => `transformer.${name}`],
  ['gpt-neo', 'of a bare model', (name) => name.replace(/^transformer\./, '')],
  ['pythia', 'of a bare model with a head', (name) => name.replace(/^gpt_neox\./, '')],
  ['pythia', 'of a newer transformers', (name) => name.replace(/^embed_out\./, 'lm_head.')],
])('%s: a file %s is the same model', async (model, _, renamed) => {
  expect(await weightsOf(model, renamed)).toEqual(await weightsOf(model));
});

test.each([
  ['gpt2', 'h.1.ln_2.bias'],
  ['pythia', 'gpt_neox.layers.1.attention.query_key_value.bias'],
  ['gpt-neo', 'transformer.h.0.attn.attention.out_proj.bias'],
  ['mistral', 'lm_head.weight'],
  ['qwen2', 'model.layers.0.self_attn.k_proj.bias'],
  ['qwen3', 'model.layers.1.self_attn.q_norm.weight'],
  ['gemma', 'model.norm.weight'],
  ['gemma-2', 'model.layers.2.post_feedforward_layernorm.weight'],
])('%s: a file without %s is refused', async (model, missing) => {
  const without = weightsOf(model, (name) => (name === missing ? null : name));
  await expect(without).rejects.toThrow(new RegExp(`^the weights lack (transformer\\.)?${missing}$`));
});

test.each(['llama-2', 'mistral', 'gemma'])('%s: tensors of norms that it does not have are refused', async (model) => {
  const other = (name: string): string => name.replace('post_attention_layernorm', 'post_feedforward_layernorm');
  await expect(weightsOf(model, other)).rejects.toThrow(
    'has a tensor "model.layers.0.post_feedforward_layernorm.weight", which',
  );
});
