// Every op and composed function: gradients against central differences in float64, and the executors (values and gradients)
// against the float64 reference, with the same compiled program at several batch sizes.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine, Program } from './index.ts';
import * as op from './index.ts';
import { tfjsHere } from './machine/engines-here.fixture.ts';
import { allCases, attention, composed, feedsOf, programOf } from './op-cases.fixture.ts';
import type { Case } from './op-cases.fixture.ts';
import { openOnnxEngine } from './onnx/engine.ts';

function worstGradientError(program: Program, feeds: ReturnType<typeof feedsOf>): number {
  const { inputs, outputs } = program;
  const exact = Object.fromEntries(
    Object.entries(feeds).map(([name, { data, shape }]) => [name, { data: Float64Array.from(data), shape }]),
  );
  const analytic = op.evaluate(program, exact);
  const lossAt = () => op.evaluate({ inputs, outputs: { loss: outputs['loss']! } }, exact)['loss']!.data[0]!;
  const step = 1e-5;
  let worst = 0;
  for (const [name, { data }] of Object.entries(exact)) {
    if (name === 'direction') continue;
    const stride = Math.ceil(data.length / 16) | 1; // of long arrays some entries; odd, so that all places of a row occur
    for (let i = 0; i < data.length; i += stride) {
      const x = data[i]!;
      data[i] = x + step;
      const up = lossAt();
      data[i] = x - step;
      const down = lossAt();
      data[i] = x;
      worst = Math.max(worst, Math.abs((up - down) / (2 * step) - analytic[`d${name}`]!.data[i]!));
    }
  }
  return worst;
}

interface Executor {
  name: string;
  open: () => Promise<Engine>;
  cases: Case[];
  batchSizes?: number[];
}
const executors: Executor[] = [
  { name: 'onnx-cpu', open: () => openOnnxEngine({ threads: 1 }), cases: allCases },
  {
    name: 'onnx-cpu without fused kernels',
    open: () => openOnnxEngine({ threads: 1, fuse: false }),
    cases: [...composed, ...attention],
  },
  ...tfjsHere.map((engine): Executor => {
    // SwiftShader compiles a shader for every shape, which takes its time. Attention is made of the other ops there.
    const slow = engine === 'tfjs-webgpu';
    const cases = slow ? allCases.filter((case_) => !attention.includes(case_)) : allCases;
    return { name: engine, open: () => op.openEngine({ engine }), cases, ...(slow ? { batchSizes: [3] } : {}) };
  }),
];

test.each(allCases)('float64: the gradient of $name is its slope', (case_) => {
  const program = programOf(case_);
  expect(worstGradientError(program, feedsOf(program, 3, case_.range))).toBeLessThan(1e-8);
});

describe.each(executors)('$name', ({ open, cases, batchSizes = [1, 3, 8] }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await open();
  });
  afterAll(() => engine.close());

  test.each(cases)('$name', async (case_) => {
    const program = programOf(case_);
    const executable = await engine.compile(program);
    for (const batchSize of batchSizes) {
      const feeds = feedsOf(program, batchSize, case_.range);
      const reference = op.evaluate(program, feeds);
      const results = await executable.run(feeds);
      for (const [name, { data, shape }] of Object.entries(reference)) {
        expect(results[name]!.shape).toEqual(shape);
        const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
        const worst = data.reduce((most, value, i) => Math.max(most, Math.abs(results[name]!.data[i]! - value)), 0);
        expect(worst / largest, name).toBeLessThan(5e-6);
      }
    }
    await executable.dispose();
  });
});
