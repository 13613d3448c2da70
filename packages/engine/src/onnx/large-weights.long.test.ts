// Weights of more than 2 GB in all: protobuf, and with it an ONNX file, ends there. Takes up to 8 GB of memory.
import { expect, test } from 'vitest';
import * as op from '../index.ts';
import type { Arrays, TracedRecord } from '../index.ts';

const [width, count] = [8192, 9]; // 9 matrices of 256 MB

test.each(['inputs', 'initialisers'] as const)(
  'more than 2 GB of weights as %s',
  async (weightsAs) => {
    const x = op.input('x', [op.batch, width]);
    const inputs: TracedRecord = { x };
    const arrays: Arrays = {};
    let y = x;
    for (let i = 0; i < count; i++) {
      const name = `W${i}`;
      // (i + 2) times the identity, moved by one column: the last of them are read too.
      const data = new Float32Array(width * width);
      for (let row = 0; row < width; row++) data[row * width + ((row + 1) % width)] = i + 2;
      arrays[name] = { data, shape: [width, width] };
      inputs[name] = op.input(name, [width, width]);
      y = op.matmul(y, inputs[name]);
    }
    const engine = await op.openEngine({ engine: 'onnx-cpu' });
    const weights = await engine.shareWeights(arrays);
    for (const name of Object.keys(arrays)) delete arrays[name];
    const executable = await engine.compile({ inputs, outputs: { y } }, { weights, weightsAs });
    const data = Float32Array.from({ length: width }, (_, i) => i % 10);
    const { y: found } = await executable.run({ x: { data, shape: [1, width] } });
    const factor = 3_628_800; // 2 · 3 · … · 10
    for (const i of [0, 8, 9, 100, width - 1]) {
      expect(found!.data[i]).toBe((((i - count + width) % width) % 10) * factor);
    }
    await engine.close();
  },
  300_000,
);
