// A small training run on each TensorFlow.js engine: the losses of the float64 reference, and no array left behind.
import { describe, expect, test } from 'vitest';
import { initialState, trainingStep } from '../../bench/training-step.ts';
import * as op from '../index.ts';
import type { Arrays, Program } from '../index.ts';
import { tfjsHere } from '../machine/engines-here.fixture.ts';
import { startTfjs } from '../machine/openers.ts';
import { tfjsEngine } from './engine.ts';

const [dIn, dSae, batch] = [6, 10, 4];

/** As the ReLU step, but with the 3 largest of the pre-activations instead of a penalty, and plain gradient descent. */
function topKStep(): Program {
  const inputs = {
    x: op.input('x', [op.batch, dIn]),
    rate: op.input('rate', []),
    W_enc: op.input('W_enc', [dIn, dSae]),
    W_dec: op.input('W_dec', [dSae, dIn]),
  };
  const { x, rate, W_enc, W_dec } = inputs;
  const { values, indices } = op.topK(op.matmul(x, W_enc), 3);
  const code = op.scatterLast(indices, op.relu(values), dSae);
  const loss = op.mean(op.sum(op.square(op.sub(op.matmul(code, W_dec), x)), [1]));
  const slopes = op.gradientsOf(loss, { W_enc, W_dec });
  const step = (parameter: op.Traced, slope: op.Traced) => op.sub(parameter, op.mul(slope, rate));
  return { inputs, outputs: { loss, W_enc: step(W_enc, slopes.W_enc), W_dec: step(W_dec, slopes.W_dec) } };
}

const programs: [string, Program][] = [
  ['ReLU', trainingStep({ dIn, dSae, l1: 1e-3 })],
  ['TopK', topKStep()],
];
const feeds = (step: number): Arrays => ({
  x: {
    data: Float32Array.from({ length: batch * dIn }, (_, i) => Math.sin(i * (1 + (step % 3)))),
    shape: [batch, dIn],
  },
  rate: { data: Float32Array.of(0.01), shape: [] },
});

describe.each(tfjsHere)('on %s', (name) => {
  const steps = name === 'tfjs-webgpu' ? 6 : 300; // on SwiftShader a step takes a second

  test.each(programs)('a %s autoencoder learns as the reference does, and memory stays flat', async (_, program) => {
    const reference = await op.openEngine({ engine: 'reference' });
    const { thread, ready } = await startTfjs(name);
    const engine = tfjsEngine(name, thread, ready);
    const held = async () => (await thread.call({ kind: 'memory' }))[0]!.data;
    const before = await held();
    const options = { state: initialState(program, 0.5) };
    const [executable, exact] = await Promise.all([
      engine.compile(program, options),
      reference.compile(program, options),
    ]);
    const losses: number[] = [];
    let afterOne = before;
    for (let step = 0; step < steps; step++) {
      losses.push((await executable.run(feeds(step)))['loss']!.data[0]!);
      if (step < 30)
        expect(Math.abs(losses[step]! - (await exact.run(feeds(step)))['loss']!.data[0]!)).toBeLessThan(2e-5);
      if (step === 0) afterOne = await held();
    }
    expect(losses[steps - 3]).toBeLessThan(losses[0]!); // every third step sees the same batch
    expect(await held()).toEqual(afterOne);
    await executable.dispose();
    expect(await held()).toEqual(before);
    await engine.close();
  });

  test('a run that fails keeps nothing', async () => {
    const { thread, ready } = await startTfjs(name);
    const engine = tfjsEngine(name, thread, ready);
    const [s, ids] = [op.input('s', [3, 2]), op.input('ids', [2], 'int')];
    const next = op.add(s, op.sum(op.gatherRows(op.exp(s), ids)));
    const state = { s: { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2] } };
    const executable = await engine.compile({ inputs: { s, ids }, outputs: { s: next } }, { state });
    const held = async () => (await thread.call({ kind: 'memory' }))[0]!.data;
    const before = await held();
    const run = (id: number) => executable.run({ ids: { data: Int32Array.of(0, id), shape: [2] } });
    await expect(run(3)).rejects.toThrow('tfjs: gatherRows: index 3 is not in 0 to 2');
    expect(await held()).toEqual(before);
    expect(await executable.readState()).toEqual(state);
    await engine.close();
  });
});
