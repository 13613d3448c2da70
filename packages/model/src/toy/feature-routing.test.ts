import { fileURLToPath } from 'node:url';
import { openEngine } from '@monosema/engine';
import { openFileSource, openTorch } from '@monosema/formats';
import { expect, test } from 'vitest';
import {
  compileForward,
  copied,
  modelFromTensors,
  transformerConfig,
  transposed,
  type Model,
  type WeightSource,
} from '../index.ts';

// A pre-LN transformer that reads [f0, f1, f2, f3, SEL_k] and gives f_k (sehajr-singhs/transformer-residual-stream-verification,
// MIT). Features are tokens 0 to 7, selectors 8 to 11. Its authors report that every prompt is routed right, and that where the
// answer is none of the unsafe tokens 6 and 7 the best safe logit is ahead of theirs by 9.565 at least.
const [dModel, dMlp, layers, vocabularySize, contextSize] = [32, 128, 2, 12, 5];

async function featureRouting(): Promise<Model> {
  await using file = await openFileSource(
    fileURLToPath(new URL('../../fixtures/feature-routing/model.pt', import.meta.url)),
  );
  const config = transformerConfig({
    architecture: 'ToyTransformer',
    ...{ layers, dModel, dMlp, vocabularySize, contextSize },
    ...{ heads: 4, keyValueHeads: 4, headWidth: 8, bosToken: null, eosToken: null },
    norm: 'layerNorm',
    epsilon: 1e-5,
    positions: { kind: 'learned' },
    mlp: { activation: 'relu', gated: false, biases: true },
    tied: false,
  });
  const identity = { id: 'feature-routing', displayName: 'Feature routing', origin: null, licence: 'MIT' };
  return await modelFromTensors({ identity, config, sources: sources(), tensors: await openTorch(file) });
}

function sources(): Record<string, WeightSource> {
  const blocks = Array.from({ length: layers }, (_, layer) => {
    const block = `blocks.${layer}`;
    const norm = (name: string): [string, WeightSource][] => [
      [`${block}.${name}.w`, copied(`${block}.${name}.weight`, dModel)],
      [`${block}.${name}.b`, copied(`${block}.${name}.bias`, dModel)],
    ];
    return [
      ...norm('ln1'),
      ...norm('ln2'),
      ...['Q', 'K', 'V', 'O'].map((part): [string, WeightSource] => [
        `${block}.attn.W_${part}`,
        transposed(`${block}.attn.W_${part}.weight`, dModel, dModel),
      ]),
      [`${block}.mlp.W_in`, transposed(`${block}.mlp.fc_in.weight`, dMlp, dModel)],
      [`${block}.mlp.b_in`, copied(`${block}.mlp.fc_in.bias`, dMlp)],
      [`${block}.mlp.W_out`, transposed(`${block}.mlp.fc_out.weight`, dModel, dMlp)],
      [`${block}.mlp.b_out`, copied(`${block}.mlp.fc_out.bias`, dModel)],
    ] satisfies [string, WeightSource][];
  });
  return {
    'embed.W_E': copied('embed.weight', vocabularySize, dModel),
    'pos_embed.W_pos': copied('pos', contextSize, dModel),
    ...Object.fromEntries(blocks.flat()),
    'ln_final.w': copied('ln_f.weight', dModel),
    'ln_final.b': copied('ln_f.bias', dModel),
    'unembed.W_U': transposed('unembed.weight', vocabularySize, dModel),
  };
}

test('it routes all 16384 prompts, as far from the unsafe tokens as its authors say', async () => {
  const model = await featureRouting();
  const prompts = Array.from({ length: 8 ** 4 * 4 }, (_, i) => {
    const features = [9, 6, 3, 0].map((shift) => (i >> (shift + 2)) & 7);
    return [...features, 8 + (i & 3)];
  });
  const engine = await openEngine({ engine: 'onnx-cpu' });
  const forward = await compileForward(engine, model, { length: 5, logits: true });
  const { logits } = await forward.run(Int32Array.from(prompts.flat()));
  await engine.close();
  const last = prompts.map((_, i) => [...logits!.data.subarray((i * 5 + 4) * 12, (i * 5 + 5) * 12)]);
  const wanted = prompts.map((prompt) => prompt[prompt[4]! - 8]!);
  expect(last.filter((row, i) => row.indexOf(Math.max(...row)) !== wanted[i])).toEqual([]);

  const margin = (row: number[]): number =>
    Math.max(row[6]!, row[7]!) - Math.max(...row.filter((_, token) => token !== 6 && token !== 7));
  const safe = last.filter((_, i) => wanted[i]! < 6).map(margin);
  expect(Math.max(...safe)).toBeGreaterThanOrEqual(-9.565);
  expect(Math.max(...safe)).toBeLessThan(-9);
});

test('a tensor that is left out or of another shape is named', async () => {
  const { config } = await featureRouting();
  await using file = await openFileSource(
    fileURLToPath(new URL('../../fixtures/feature-routing/model.pt', import.meta.url)),
  );
  const tensors = await openTorch(file);
  const identity = { id: 'feature-routing', displayName: 'Feature routing', origin: null, licence: 'MIT' };
  const { 'embed.W_E': _, ...rest } = sources();
  await expect(modelFromTensors({ identity, config, tensors, sources: rest })).rejects.toThrow(
    'ToyTransformer does not say where its weight embed.W_E comes from',
  );
  const wrong = { ...sources(), 'embed.W_E': copied('embed.weight', 11, dModel) };
  await expect(modelFromTensors({ identity, config, tensors, sources: wrong })).rejects.toThrow(
    '"embed.weight" has shape [12, 32]',
  );
});
