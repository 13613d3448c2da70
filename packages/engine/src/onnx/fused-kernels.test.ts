// Which kernels a transformer really runs on: the graph as ONNX Runtime has optimised it, read by somebody else's decoder.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import onnxProto from 'onnx-proto';
import { expect, test } from 'vitest';
import * as op from '../index.ts';
import type { Traced, TracedRecord } from '../index.ts';
import { openOnnxEngine } from './engine.ts';

const [width, heads, length] = [32, 4, 6];

/** Two blocks over [batch, length, width]. */
function blocks(sublayers: ((x: Traced, weight: (...shape: number[]) => Traced) => Traced)[]): op.Program {
  const inputs: TracedRecord = { x: op.input('x', [op.batch, length, width]) };
  let count = 0;
  const weight = (...shape: number[]) => {
    const name = `w${count++}`;
    return (inputs[name] = op.input(name, shape));
  };
  let residual = inputs['x']!;
  for (let layer = 0; layer < 2; layer++) {
    for (const sublayer of sublayers) residual = op.add(residual, sublayer(residual, weight));
  }
  return { inputs, outputs: { residual, pattern: op.softmax(residual) } };
}

const gpt2 = blocks([
  (x, w) => {
    const normed = op.layerNorm(x, w(width), w(width));
    const [q, k, v] = [0, 1, 2].map(() => op.add(op.matmul(normed, w(width, width)), w(width)));
    return op.matmul(op.attention(q!, k!, v!, heads), w(width, width));
  },
  (x, w) => op.matmul(op.geluTanh(op.matmul(op.layerNorm(x, w(width), w(width)), w(width, 64))), w(64, width)),
  (x, w) => op.matmul(op.gelu(op.matmul(x, w(width, 64))), w(64, width)),
]);
const llama = (options: op.AttentionOptions) =>
  blocks([
    (x, w) => {
      const normed = op.rmsNorm(x, w(width));
      const keyWidth = (width / heads) * (options.keyValueHeads ?? heads);
      const [q, k, v] = [width, keyWidth, keyWidth].map((size) => op.matmul(normed, w(width, size)));
      return op.matmul(op.attention(q!, k!, v!, heads, options), w(width, width));
    },
    (x, w) => {
      const normed = op.rmsNorm(x, w(width));
      return op.matmul(op.mul(op.silu(op.matmul(normed, w(width, 64))), op.matmul(normed, w(width, 64))), w(64, width));
    },
  ]);

/** How many nodes of each kind the optimised graph has. */
async function kernelsOf(program: op.Program, weightsAs: 'inputs' | 'initialisers'): Promise<Record<string, number>> {
  const folder = await mkdtemp(join(tmpdir(), 'monosema-kernels-'));
  try {
    const optimizedModelFilePath = join(folder, 'optimised.onnx');
    const engine = await openOnnxEngine({ threads: 1, write: { optimizedModelFilePath } });
    const weights: op.Arrays = {};
    for (const [name, { shape }] of Object.entries(program.inputs)) {
      if (name === 'x') continue;
      const sizes = shape as number[];
      const data = Float32Array.from({ length: sizes.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i + name.length));
      weights[name] = { data, shape: sizes };
    }
    await engine.compile(program, { weights, weightsAs });
    await engine.close();
    const { graph } = onnxProto.onnx.ModelProto.decode(await readFile(optimizedModelFilePath));
    const counts: Record<string, number> = {};
    for (const { opType } of graph!.node!) counts[opType!] = (counts[opType!] ?? 0) + 1;
    return counts;
  } finally {
    await rm(folder, { recursive: true });
  }
}

test.each(['inputs', 'initialisers'] as const)('a GPT-2-shaped program, weights as %s', async (weightsAs) => {
  const kernels = await kernelsOf(gpt2, weightsAs);
  const normalisations = (kernels['LayerNormalization'] ?? 0) + (kernels['SkipLayerNormalization'] ?? 0);
  expect(normalisations).toBe(4);
  expect(kernels).toMatchObject({ FastGelu: 2, Gelu: 2, MultiHeadAttention: 2, Softmax: 1 });
  expect(Object.keys(kernels)).not.toContain('Erf');
  expect(Object.keys(kernels)).not.toContain('Tanh');
});

test.each([
  ['plain', {}, 'MultiHeadAttention'],
  ['of groups', { keyValueHeads: 2 }, 'GroupQueryAttention'],
  ['capped, in a window', { softCap: 5, window: 3 }, 'GroupQueryAttention'],
] as const)('a Llama-shaped program, attention %s', async (_, options, attention) => {
  const kernels = await kernelsOf(llama(options), 'inputs');
  const normalisations =
    (kernels['SimplifiedLayerNormalization'] ?? 0) + (kernels['SkipSimplifiedLayerNormalization'] ?? 0);
  expect(normalisations).toBe(4);
  expect(kernels).toMatchObject({ [attention]: 2, Softmax: 1 }); // of the output; attention's own are in its kernel
  expect(Object.keys(kernels)).not.toContain('Sqrt');
});
