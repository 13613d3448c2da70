// Values, gradients and a training loop against PyTorch (float64), made by scripts/make-torch-fixture.py.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { initialState, trainingStep } from '../bench/training-step.ts';
import * as op from './index.ts';
import { enginesHere } from './machine/engines-here.fixture.ts';
import type { Arrays, Engine, Program, Traced } from './index.ts';
import fixture from './torch.fixture.json' with { type: 'json' };

type Numbers = { shape: number[]; data: number[] };
type NumberRecord = Record<string, Numbers>;

const functions: Record<keyof typeof fixture.cases, (...x: Traced[]) => Traced> = {
  erf: op.erf,
  gelu: op.gelu,
  geluTanh: op.geluTanh,
  silu: op.silu,
  softmax: op.softmax,
  logSoftmax: op.logSoftmax,
  layerNorm: (x, gain, bias) => op.layerNorm(x!, gain!, bias!),
  rmsNorm: (x, gain) => op.rmsNorm(x!, gain!),
  attention: (q, k, v) => op.attention(q!, k!, v!, 2),
  topKCode: (x) => {
    const { values, indices } = op.topK(x!, 3);
    return op.scatterLast(indices, op.relu(values), 8);
  },
  embedding: (table) => op.gatherRows(table!, op.constant(Int32Array.of(1, 0, 1, 3), [2, 2])),
};

const toFloat32 = (arrays: NumberRecord): Arrays =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, { data, shape }]) => [name, { data: Float32Array.from(data), shape }]),
  );

function expectClose(found: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  expect(found.length).toBe(expected.length);
  expected.forEach((value, i) =>
    expect(Math.abs(found[i]! - value)).toBeLessThan(tolerance * Math.max(1, Math.abs(value))),
  );
}

describe('against PyTorch', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await op.openEngine({ threads: 1 });
  });
  afterAll(() => engine.close());

  test.each(Object.keys(functions) as (keyof typeof fixture.cases)[])('%s', async (name) => {
    const expected = fixture.cases[name];
    const given: NumberRecord = expected.inputs;
    const inputs = Object.fromEntries(Object.entries(given).map(([key, { shape }]) => [key, op.input(key, shape)]));
    const value = functions[name](...Object.values(inputs));
    const direction = Float64Array.from({ length: expected.value.data.length }, (_, i) => Math.sin(i));
    const loss = op.sum(op.mul(value, op.constant(direction, expected.value.shape)));
    const slopes = op.gradientsOf(loss, inputs);
    const renamed = Object.fromEntries(Object.entries(slopes).map(([key, slope]) => [`d ${key}`, slope]));
    const program: Program = { inputs, outputs: { value, ...renamed } };

    const executable = await engine.compile(program);
    const reference = op.evaluate(program, given);
    const result = await executable.run(toFloat32(given));
    await executable.dispose();
    const gradients: NumberRecord = expected.gradients;
    const all: NumberRecord = { value: expected.value };
    for (const [key, gradient] of Object.entries(gradients)) all[`d ${key}`] = gradient;
    for (const [key, { data }] of Object.entries(all)) {
      expectClose(reference[key]!.data, data, 1e-11);
      expectClose(result[key]!.data, data, 2e-6);
    }
  });

  test.each([
    ...enginesHere.map((name) => [name, 2e-6] as const),
    ['reference', 5e-7] as const, // it rounds the state to float32 after each step
  ])('three Adam steps of a ReLU autoencoder on %s', async (name, tolerance) => {
    const { initial, batches, losses, final, l1, rate } = fixture.training;
    const own = await op.openEngine({ engine: name, threads: 1 });
    const step = trainingStep({ dIn: 5, dSae: 8, l1 });
    const state = { ...initialState(step, 0), ...toFloat32(initial) };
    const executable = await own.compile(step, { state });
    for (const [i, batch] of batches.entries()) {
      const t = i + 1;
      const corrected = (rate * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t);
      const { loss } = await executable.run({
        x: { data: Float32Array.from(batch.data), shape: batch.shape },
        rate: { data: Float32Array.of(corrected), shape: [] },
      });
      expectClose(loss!.data, [losses[i]!], tolerance);
    }
    const reached = await executable.readState();
    for (const [parameter, { data }] of Object.entries(final)) expectClose(reached[parameter]!.data, data, tolerance);
    await own.close();
  });
});
