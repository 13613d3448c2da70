import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openEngine, type Engine } from '@monosema/engine';
import { openFileSource, openGguf, type GgufFile, type GgufValue } from '@monosema/formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGolden, runGolden } from '../architectures/golden-models.fixture.ts';
import { largestError } from '../golden.fixture.ts';
import { loadModel } from '../index.ts';
import { gpt2Merges, gpt2Vocabulary, tokenizerGolden, type GoldenCase } from '../tokenizer/tokenizer-golden.fixture.ts';
import { configFile } from './config.ts';
import { readModelMetadata, type GgufTokenizerFields } from './metadata.ts';
import { ggufTokenizer } from './tokenizer.ts';

// Made as llama.cpp converts them: scripts/make-gguf-models.py.
const path = (name: string): string => fileURLToPath(new URL(`../../fixtures/gguf/${name}.gguf`, import.meta.url));
async function open(name: string): Promise<GgufFile> {
  await using source = await openFileSource(path(name));
  return openGguf(source);
}

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine({ engine: 'onnx-cpu' });
});
afterAll(() => engine.close());

describe.each([
  ['llama-2', 'LlamaForCausalLM'],
  ['llama-3', 'LlamaForCausalLM'],
  ['llama-yarn', 'LlamaForCausalLM'],
  ['mistral', 'MistralForCausalLM'],
  ['qwen2', 'Qwen2ForCausalLM'],
  ['qwen3', 'Qwen3ForCausalLM'],
])('%s from a GGUF file', (name, architecture) => {
  test('is the model that transformers and TransformerLens know, at every head and at the logits', async () => {
    const golden = await openGolden(name);
    const model = await loadModel(path(name));
    expect(model.config).toMatchObject({ architecture, bosToken: 0, eosToken: 1, vocabularySize: 40 });
    expect(model.record).toMatchObject({ id: name, licence: 'apache-2.0' });
    expect(Object.keys(model.weights).sort()).toEqual(Object.keys(golden.model.weights).sort());
    const names = ['logits', 'blocks.1.attn.hook_rot_q', 'blocks.1.attn.hook_rot_k', 'blocks.1.hook_resid_post'];
    const got = await runGolden(engine, { ...golden, model }, names);
    for (const at of names) expect(largestError(got[at]!.data, golden.arrays[at]!.data), at).toBeLessThan(1e-4);
  });
});

describe('tokenizers', () => {
  const check = (fields: GgufTokenizerFields, cases: readonly GoldenCase[]): void => {
    const tokenizer = ggufTokenizer(fields, fields.tokens.length);
    for (const { text, ids } of cases) expect(tokenizer.encode(text, { bos: false }), text).toEqual(ids);
  };
  const tokens = Object.entries(gpt2Vocabulary())
    .sort(([, a], [, b]) => a - b)
    .map(([piece]) => piece);
  const gpt2: GgufTokenizerFields = {
    model: 'gpt2',
    tokens,
    token_type: tokens.map((_, id) => (id === 50_256 ? 3 : 1)),
    merges: gpt2Merges.split('\n').slice(1, -1),
    bos_token_id: 50_256,
    eos_token_id: 50_256,
  };

  test.each([
    ['gpt-2', 'gpt2'],
    ['qwen2', 'qwen2'],
    ['llama-bpe', 'llama3'],
  ] as const)('byte-level, split as %s, gives the ids of transformers', (pre, golden) => {
    check({ ...gpt2, pre }, tokenizerGolden[golden]);
  });

  test('smollm takes digits one by one', () => {
    const tokenizer = ggufTokenizer({ ...gpt2, pre: 'smollm' }, tokens.length);
    const pieces = tokenizer.encode('in 1984, 42', { bos: false }).map((id) => tokenizer.decode([id]));
    expect(pieces).toEqual(['in', ' ', '1', '9', '8', '4', ',', ' ', '4', '2']);
  });

  test('sentencepiece gives the ids of sentencepiece, with BOS in front where nothing else is said', async () => {
    const { metadata } = await open('sentencepiece-llama');
    const field = (name: string): GgufValue | undefined => metadata.get(`tokenizer.ggml.${name}`);
    const fields: GgufTokenizerFields = {
      model: 'llama',
      tokens: field('tokens') as string[],
      scores: field('scores') as number[],
      token_type: field('token_type') as number[],
      bos_token_id: 1,
      eos_token_id: 2,
    };
    check(fields, tokenizerGolden['sentencepiece-llama']);
    const tokenizer = ggufTokenizer(fields, fields.tokens.length);
    expect(tokenizer).toMatchObject({ bos: 1, eos: 2, prependsBos: true });
    expect(ggufTokenizer({ ...fields, add_bos_token: false }, fields.tokens.length).prependsBos).toBe(false);
    expect(ggufTokenizer(gpt2, tokens.length).prependsBos).toBe(false);
  });

  test('what is missing or not known is named', () => {
    const size = tokens.length;
    expect(() => ggufTokenizer({ ...gpt2, pre: 'viking' }, size)).toThrow('tokenizer.ggml.pre is "viking"; supported');
    expect(() => ggufTokenizer({ ...gpt2, pre: 'toString' }, size)).toThrow('tokenizer.ggml.pre is "toString"');
    expect(() => ggufTokenizer({ ...gpt2, merges: undefined }, size)).toThrow('tokenizer.ggml.merges is missing');
    expect(() => ggufTokenizer({ ...gpt2, model: 'bert' }, size)).toThrow('tokenizer.ggml.model is "bert"');
    expect(() => ggufTokenizer({ ...gpt2, model: 'llama' }, size)).toThrow('tokenizer.ggml.scores is missing');
    expect(() => ggufTokenizer({ ...gpt2, token_type: [1] }, size)).toThrow('token_type has 1 entries for 50257');
  });
});

describe('what cannot be read is refused by name', () => {
  const changed = async (change: Record<string, GgufValue | undefined>): Promise<GgufFile> => {
    const file = await open('llama-2');
    const entries = Object.entries({ ...Object.fromEntries(file.metadata), ...change });
    return {
      ...file,
      metadata: new Map(entries.filter((entry): entry is [string, GgufValue] => entry[1] !== undefined)),
    };
  };
  test.each([
    [
      { 'general.architecture': 'mamba' },
      'model "x" is a GGUF file of architecture "mamba"; supported are llama, qwen2',
    ],
    [{ 'general.architecture': 'toString' }, 'architecture "toString"'],
    [{ 'general.architecture': undefined }, 'architecture none'],
    [{ 'split.count': 2 }, 'one of several parts'],
    [{ 'llama.block_count': undefined }, 'GGUF metadata: llama.block_count: '],
    [{ 'llama.block_count': 1.5 }, 'GGUF metadata: llama.block_count: '],
    [{ 'llama.attention.head_count_kv': [4, 2] }, 'GGUF metadata: llama.attention.head_count_kv: '],
    [{ 'llama.expert_count': 8 }, 'llama.expert_count: only 0 is supported'],
    [{ 'llama.rope.scaling.type': 'longrope' }, 'llama.rope.scaling.type: '],
    [{ 'tokenizer.ggml.tokens': undefined }, 'tokenizer.ggml.tokens: '],
  ] as [Record<string, GgufValue | undefined>, string][])('%o', async (change, message) => {
    const file = await changed(change);
    expect(() => readModelMetadata('x', file)).toThrow(message);
  });

  test.each([
    [{ 'llama.rope.dimension_count': 2 }, 'rope.dimension_count is 2, but heads have 4 entries'],
    [{ 'llama.attention.value_length': 8 }, 'attention.value_length is 8, but heads have 4 entries'],
  ])('%o', async (change, message) => {
    const file = await changed(change);
    expect(() => configFile(readModelMetadata('x', file), file.tensors)).toThrow(message);
  });

  test('linear scaling, by its old key and its new one', async () => {
    const scaling = async (change: Record<string, GgufValue>): Promise<unknown> => {
      const file = await changed(change);
      return configFile(readModelMetadata('x', file), file.tensors).rope_scaling;
    };
    expect(await scaling({ 'llama.rope.scale_linear': 4 })).toMatchObject({ rope_type: 'linear', factor: 4 });
    expect(await scaling({ 'llama.rope.scaling.type': 'linear', 'llama.rope.scaling.factor': 2 })).toMatchObject({
      rope_type: 'linear',
      factor: 2,
    });
    expect(await scaling({ 'llama.rope.scaling.type': 'none', 'llama.rope.scaling.factor': 2 })).toBeNull();
  });

  test('a folder with several GGUF files, and a file that is none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'monosema-gguf-'));
    try {
      await writeFile(join(folder, 'a.gguf'), 'GGUF');
      await expect(loadModel(join(folder, 'a.gguf'))).rejects.toThrow('gguf: the file ends before byte');
      await writeFile(join(folder, 'b.gguf'), '');
      await expect(loadModel(folder)).rejects.toThrow('several GGUF files, a.gguf, b.gguf');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
