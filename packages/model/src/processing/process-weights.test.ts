import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import * as op from '@monosema/engine';
import { evaluate, type ReferenceArrays } from '@monosema/engine';
import { readSafetensors } from '@monosema/formats';
import { beforeAll, describe, expect, test } from 'vitest';
import { largestError } from '../golden.fixture.ts';
import { Hooks, loadModel, type Model, type WeightProcessing } from '../index.ts';
import { weightShapes } from '../transformer/weight-shapes.ts';
import { centredResidual } from './centred-residual.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));
const load = (name: string, processing: WeightProcessing = {}): Promise<Model> =>
  loadModel(fixture(`architectures/${name}`), processing);
// TransformerLens 3.9 in float64, stored as float32: scripts/make-processed-golden.py.
const golden = readSafetensors(gunzipSync(readFileSync(fixture('processed.safetensors.gz'))));
const idsOf = (name: string): number[] =>
  (JSON.parse(readFileSync(fixture(`architectures/${name}/golden.json`), 'utf8')) as { ids: number[] }).ids;

/** Values at hook points and `logits` of one row, in float64. */
function values(model: Model, row: readonly number[], taps: readonly string[]): ReferenceArrays {
  const ids = op.input('ids', [1, row.length], 'int');
  const hooks = new Hooks();
  const logits = model.trace(ids, hooks);
  const outputs = { logits, ...Object.fromEntries(taps.map((name) => [name, hooks.taps[name]!])) };
  const feeds = { ids: { data: row, shape: [1, row.length] }, ...model.weights };
  return evaluate({ inputs: { ids, ...model.parameters }, outputs }, feeds);
}

describe.each([
  {
    name: 'gpt2',
    processing: { foldLayerNorm: true, centerWritingWeights: true, centerUnembed: true, foldValueBiases: true },
  },
  { name: 'qwen2', processing: { foldLayerNorm: true, centerUnembed: true, foldValueBiases: true } },
])("$name, processed, is TransformerLens's", ({ name, processing }) => {
  const expected = Object.entries(golden).filter(([key]) => key.startsWith(`${name}:`));
  const want = Object.fromEntries(expected.map(([key, array]) => [key.slice(name.length + 1), array]));

  test('values at hook points', async () => {
    const model = await load(name, processing);
    const hookPoints = Object.keys(want).filter((key) => key.includes('hook_'));
    const got = values(model, idsOf(name), hookPoints);
    for (const key of ['logits', ...hookPoints])
      expect(largestError(got[key]!.data, want[key]!.data), key).toBeLessThan(2e-6);
  });

  test('weights', async () => {
    const { weights, config } = await load(name, processing);
    for (const key of ['unembed.W_U', 'blocks.1.attn.b_Q', 'blocks.0.attn.b_O', 'blocks.0.mlp.W_in'])
      expect(largestError(weights[key]!.data, want[key]!.data), key).toBeLessThan(1e-6);
    const perHead = want['blocks.1.attn.W_Q']!; // [heads, d_model, head_width] there
    const { heads, headWidth, dModel } = config;
    const sideBySide = Array.from({ length: perHead.data.length }, (_, i) => {
      const [row, head, entry] = [Math.floor(i / heads / headWidth), Math.floor(i / headWidth) % heads, i % headWidth];
      return perHead.data[(head * dModel + row) * headWidth + entry]!;
    });
    expect(largestError(weights['blocks.1.attn.W_Q']!.data, sideBySide)).toBeLessThan(1e-6);
    const bias = want['unembed.b_U']!.data;
    expect(largestError(weights['unembed.b_U']?.data ?? bias.map(() => 0), bias)).toBeLessThan(1e-6);
  });

  test('the weights are those that its config asks for', async () => {
    const { weights, config } = await load(name, processing);
    const shapes = Object.entries(weights).map(([key, { shape }]) => [key, shape] as const);
    expect(Object.fromEntries(shapes)).toEqual(weightShapes(config));
  });
});

describe('what a step changes', () => {
  const row = idsOf('gpt2');
  const [resid, z, pre, normalized] = [
    'blocks.1.hook_resid_post',
    'blocks.0.attn.hook_z',
    'blocks.0.mlp.hook_pre',
    'blocks.1.ln1.hook_normalized',
  ] as const;
  const taps = [resid, z, pre, normalized];
  let plain: ReferenceArrays;
  let b_V: ArrayLike<number>;
  beforeAll(async () => {
    const model = await load('gpt2');
    plain = values(model, row, taps);
    b_V = model.weights['blocks.0.attn.b_V']!.data;
  });
  const processed = async (processing: WeightProcessing): Promise<ReferenceArrays> =>
    values(await load('gpt2', processing), row, taps);
  const same = (a: ReferenceArrays, b: ReferenceArrays, ...names: string[]): void => {
    for (const name of names) expect(largestError(a[name]!.data, b[name]!.data), name).toBeLessThan(5e-6);
  };
  /** Every row of an output less its mean. */
  const centred = (x: ReferenceArrays[string]): number[] => {
    const input = op.input('x', x.shape);
    return [...evaluate({ inputs: { x: input }, outputs: { y: centredResidual(input) } }, { x }).y!.data];
  };

  test('foldLayerNorm: nothing that is looked at before a gain', async () => {
    same(await processed({ foldLayerNorm: true }), plain, 'logits', ...taps);
  });

  test('centerWritingWeights: the residual stream loses its mean, and logits stay', async () => {
    const got = await processed({ centerWritingWeights: true });
    same(got, plain, 'logits', z, pre, normalized);
    expect(largestError(got[resid]!.data, centred(plain[resid]!))).toBeLessThan(5e-6);
    expect(largestError(got[resid]!.data, plain[resid]!.data)).toBeGreaterThan(0.01);
  });

  test('centerUnembed: logits lose a constant per token', async () => {
    const got = await processed({ centerUnembed: true });
    same(got, plain, ...taps);
    expect(largestError(got.logits!.data, centred(plain.logits!))).toBeLessThan(5e-6);
    expect(largestError(got.logits!.data, plain.logits!.data)).toBeGreaterThan(0.01);
  });

  test('foldValueBiases: z loses b_V, and nothing else changes', async () => {
    const got = await processed({ foldValueBiases: true });
    same(got, plain, 'logits', resid, pre);
    const moved = plain[z]!.data.map((x, i) => x - b_V[i % b_V.length]!);
    expect(largestError(got[z]!.data, moved)).toBeLessThan(5e-6);
  });

  test('folded norms leave no gain for logit lenses', async () => {
    const once = await load('gpt2', { foldLayerNorm: true });
    expect(once.unembedding().finalNormGain).toBeNull();
    expect((await load('gpt2')).unembedding().finalNormGain).not.toBeNull();
  });
});

test('parallel blocks and models without value biases are folded too', async () => {
  for (const name of ['pythia', 'llama-2', 'gemma-2', 'qwen3']) {
    const row = idsOf(name);
    const [plain, folded] = [await load(name), await load(name, { foldLayerNorm: true, foldValueBiases: true })];
    const error = largestError(values(folded, row, []).logits!.data, values(plain, row, []).logits!.data);
    expect(error, name).toBeLessThan(1e-5);
    expect(folded.weights, name).not.toHaveProperty(['ln_final.w']);
  }
});

test('what would make another model of it is refused', async () => {
  await expect(load('llama-2', { centerWritingWeights: true })).rejects.toThrow('LlamaForCausalLM has no LayerNorm');
  await expect(load('gemma-2', { centerUnembed: true })).rejects.toThrow('caps its logits');
});
