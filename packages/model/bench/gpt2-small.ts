import type { Arrays } from '@monosema/engine';
import { assembleModel } from '../src/assemble-model.ts';
import { numberedTokenizer, transformerConfig, weightShapes, type Model } from '../src/index.ts';

/** A model of GPT-2 small's shape with random weights; 498 MB. */
export function gpt2Small(): Model {
  const config = transformerConfig({
    architecture: 'GPT2LMHeadModel',
    ...{ layers: 12, dModel: 768, dMlp: 3072, heads: 12, keyValueHeads: 12, headWidth: 64 },
    ...{ vocabularySize: 50_257, contextSize: 1024, bosToken: null, eosToken: null },
    norm: 'layerNorm',
    epsilon: 1e-5,
    positions: { kind: 'learned' },
    attention: { biases: { q: true, k: true, v: true, o: true } },
    mlp: { activation: 'geluTanh', gated: false, biases: true },
    tied: true,
  });
  const shapes = Object.entries(weightShapes(config));
  const weights: Arrays = Object.fromEntries(
    shapes.map(([name, shape]) => [name, { data: noise(name, shape), shape }]),
  );
  const identity = { id: 'gpt2-small-shape', displayName: 'GPT-2 small, random', origin: null, licence: null };
  return assembleModel({ identity, config, weights, tokenizer: numberedTokenizer(config.vocabularySize) });
}

/** A stretch of pseudo-random numbers that repeats: drawing 124 million would take longer than the benchmarks. */
const stretch = Float32Array.from({ length: 1_048_573 }, (_, i) => 0.035 * Math.sin(i * i));

function noise(name: string, shape: readonly number[]): Float32Array {
  const data = new Float32Array(shape.reduce((a, b) => a * b));
  for (let at = 0; at < data.length; at += stretch.length) data.set(stretch.subarray(0, data.length - at), at);
  return /ln.*\.w$/.test(name) ? data.map((x) => 1 + x) : data;
}
