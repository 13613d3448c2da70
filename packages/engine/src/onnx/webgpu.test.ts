// ONNX Runtime's WebGPU kernels, on Chromium's software Vulkan: right answers, no speed. The whole table: webgpu.long.test.ts.
import { describe, expect, test } from 'vitest';
import * as op from '../index.ts';
import { noVulkan } from '../machine/engines-here.fixture.ts';
import { openOnnxEngine } from './engine.ts';

describe.skipIf(noVulkan !== null)(`onnx-webgpu${noVulkan === null ? '' : ` (not here: ${noVulkan})`}`, () => {
  test('attention whose scores are capped, which its kernel would not do', async () => {
    const engine = await openOnnxEngine({ provider: 'webgpu' });
    expect(engine.name).toBe('onnx-webgpu');
    const [heads, shape] = [2, [1, 3, 16]];
    const inputs = { q: op.input('q', shape), k: op.input('k', shape), v: op.input('v', shape) };
    const { q, k, v } = inputs;
    const program = { inputs, outputs: { y: op.attention(q, k, v, heads, { softCap: 0.2, scale: 1 }) } };
    const wave = (at: number) => ({ data: Float32Array.from({ length: 48 }, (_, i) => Math.sin(i * i + at)), shape });
    const feeds = { q: wave(1), k: wave(2), v: wave(3) };
    const found = await (await engine.compile(program)).run(feeds);
    op.evaluate(program, feeds)['y']!.data.forEach((value, i) => expect(found['y']!.data[i]).toBeCloseTo(value, 5));
    await engine.close();
  });
});
