// Some hundred training steps leave memory as it was (TensorFlow.js: tfjs/training.test.ts, which counts its arrays).
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { topKTrainingStep } from '../bench/topk-program.ts';
import { initialState, trainingStep } from '../bench/training-step.ts';
import * as op from './index.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const megabyte = 2 ** 20;

/** Memory of the process after a garbage collection; of the whole one, since an executor's is no JavaScript. */
function usedMemory(whole: boolean): number {
  collectGarbage();
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  return whole ? rss : heapUsed + arrayBuffers;
}

// What a leak of a step's batch or state would come to is several times what is allowed.
test.each([
  { name: 'onnx-cpu', dIn: 64, dSae: 64, batch: 2048, steps: 300, whole: true, allowed: 45 * megabyte },
  { name: 'reference', dIn: 16, dSae: 32, batch: 2, steps: 200, whole: false, allowed: 0.8 * megabyte },
] as const)('on $name', async ({ name, dIn, dSae, batch, steps, whole, allowed }) => {
  const engine = await op.openEngine({ engine: name, threads: 1 });
  const x = { data: Float32Array.from({ length: batch * dIn }, (_, i) => Math.sin(i)), shape: [batch, dIn] };
  const rate = { data: Float32Array.of(1e-3), shape: [] };
  for (const program of [trainingStep({ dIn, dSae, l1: 1e-3 }), topKTrainingStep({ dIn, dSae, k: 4 })]) {
    const state = initialState(program, 0.3);
    const stateSize = Object.values(state).reduce((total, { data }) => total + data.byteLength, 0);
    expect(Math.max(x.data.byteLength, stateSize) * steps).toBeGreaterThan(3 * allowed);
    const executable = await engine.compile(program, { state });
    const losses: number[] = [];
    const train = async (count: number) => {
      for (let i = 0; i < count; i++) losses.push((await executable.run({ x, rate }))['loss']!.data[0]!);
    };
    await train(steps / 3); // arenas and the heap grow at first
    const before = usedMemory(whole);
    await train(steps);
    expect(usedMemory(whole) - before).toBeLessThan(allowed);
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
    await executable.dispose();
  }
  await engine.close();
});
