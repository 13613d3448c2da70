import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import * as op from '@monosema/engine';
import { openEngine, type Engine } from '@monosema/engine';
import { bytesSource, openSafetensors, readSafetensors, type NamedArray, type NamedArrays } from '@monosema/formats';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assembleModel } from '../../assemble-model.ts';
import { largestError } from '../../golden.fixture.ts';
import { compileForward, generate, type Model } from '../../index.ts';
import { numberedTokenizer } from '../../toy/numbered-tokenizer.ts';
import { readWeights } from '../../weights/read-weights.ts';
import { readGpt2Config } from './config.ts';
import { gpt2 } from './index.ts';

// A minGPT that sorts six of three letters, and every intermediate of its pass over three rows, made by minGPT in torch:
// scripts/make-gpt-nano-sort.ts. A float64 pass is within 2e-6 of them.
const file = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../../fixtures/gpt-nano-sort/${name}`, import.meta.url)));
const golden = readSafetensors(gunzipSync(file('golden.safetensors.gz')));
const ids = golden.ids!.data as Int32Array;

let model: Model;
let engine: Engine;
beforeAll(async () => {
  const config = readGpt2Config(JSON.parse(new TextDecoder().decode(file('config.json'))));
  const tensors = await openSafetensors(bytesSource(file('model.safetensors')));
  const weights = await readWeights({ files: [{ name: 'model.safetensors', tensors }] }, gpt2, config);
  const identity = { id: 'gpt-nano-sort', displayName: 'gpt-nano-sort', origin: null, licence: 'MIT' };
  model = assembleModel({ identity, config, weights, tokenizer: numberedTokenizer(3) });
  engine = await openEngine({ engine: 'onnx-cpu' });
});
afterAll(() => engine.close());

const block = (name: string, layer = 0): string => `blocks.${layer}.${name}`;
/** Hook points whose value is one of minGPT's intermediates. */
const sameAs: Record<string, string> = {
  hook_embed: 'tok_emb',
  [block('hook_resid_pre')]: 'x',
  [block('attn.hook_attn_scores')]: 'att',
  [block('attn.hook_pattern')]: 'attSm',
  [block('attn.hook_z')]: 'y',
  [block('hook_attn_out')]: 'yProj',
  [block('hook_resid_mid')]: 'attnResid',
  [block('mlp.hook_in')]: 'ln2',
  [block('mlp.hook_pre')]: 'fc',
  [block('mlp.hook_post')]: 'gelu',
  [block('hook_mlp_out')]: 'mlp',
  [block('hook_resid_post')]: 'mlpResid',
  [block('hook_resid_post', 1)]: 'block1',
  [block('hook_resid_post', 2)]: 'block2',
  logits: 'lm_head',
};
const derived = [
  'hook_pos_embed',
  'ln_final.hook_normalized',
  ...['ln1.hook_normalized', 'attn.hook_q', 'attn.hook_k', 'attn.hook_v'].map((name) => block(name)),
];

async function pass(): Promise<NamedArrays> {
  const taps = [...Object.keys(sameAs).filter((name) => name !== 'logits'), ...derived];
  const forward = await compileForward(engine, model, {
    length: 11,
    taps,
    logits: true,
    outputs: ({ logits }) => ({ probabilities: op.softmax(logits) }),
  });
  const got = await forward.run(ids);
  await forward.dispose();
  return got;
}

/** [batch, length, heads, width] → [batch, heads, length, width], as minGPT keeps them. */
function headsFirst({ data, shape }: NamedArray): number[] {
  const [, length, heads, width] = shape as [number, number, number, number];
  return Array.from(data, (_, i) => {
    const [entry, at, head] = [i % width, Math.floor(i / width) % length, Math.floor(i / width / length) % heads];
    const row = Math.floor(i / width / length / heads);
    return data[((row * length + at) * heads + head) * width + entry]!;
  });
}

/** x · gain + bias, of the norm before them. */
function affine({ data }: NamedArray, name: string): number[] {
  const [gain, bias] = [model.weights[`${name}.w`]!.data, model.weights[`${name}.b`]!.data];
  return Array.from(data, (x, i) => x * gain[i % gain.length]! + bias[i % bias.length]!);
}

test("every intermediate is minGPT's", async () => {
  const got = await pass();
  for (const [name, theirs] of Object.entries(sameAs))
    expect(largestError(got[name]!.data, golden[theirs]!.data), name).toBeLessThan(1e-5);
  const positions = golden.pos_emb!.data;
  expect(largestError(got.hook_pos_embed!.data, Array.from({ length: 3 }, () => [...positions]).flat())).toBe(0);
  for (const part of ['q', 'k', 'v'])
    expect(largestError(headsFirst(got[block(`attn.hook_${part}`)]!), golden[part]!.data), part).toBeLessThan(1e-5);
  expect(largestError(affine(got[block('ln1.hook_normalized')]!, 'blocks.0.ln1'), golden.ln1!.data)).toBeLessThan(1e-5);
  expect(largestError(affine(got['ln_final.hook_normalized']!, 'ln_final'), golden.ln_f!.data)).toBeLessThan(1e-5);
  expect(largestError(got.probabilities!.data, golden.probs!.data)).toBeLessThan(1e-5);
});

test('it sorts, decoding against its cache', async () => {
  const { ids } = await generate(engine, model, { prompts: ['2 0 1 0 2 1', '0 0 2 2 1 1'], newTokens: 5 });
  expect(ids).toEqual([
    [0, 0, 1, 1, 2],
    [0, 0, 1, 1, 2],
  ]);
});

test('configs that ask for something else are refused', () => {
  const config = JSON.parse(new TextDecoder().decode(file('config.json'))) as object;
  expect(() => readGpt2Config({ ...config, activation_function: 'mish' })).toThrow(
    '"mish" is not supported; supported are gelu,',
  );
  expect(() => readGpt2Config({ ...config, n_head: 5 })).toThrow('a width of 48 does not divide into 5 heads');
  expect(() => readGpt2Config({ ...config, scale_attn_by_inverse_layer_idx: true })).toThrow('scale_attn_by_inverse');
  expect(readGpt2Config({ ...config, tie_word_embeddings: undefined })).toMatchObject({ tied: true, dMlp: 192 });
});
