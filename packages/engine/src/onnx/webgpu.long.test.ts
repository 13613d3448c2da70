// The whole op table on ONNX Runtime's WebGPU kernels. It compiles a shader for every op and shape, which takes a minute or two.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../index.ts';
import * as op from '../index.ts';
import { noVulkan } from '../machine/engines-here.fixture.ts';
import { allCases, feedsOf, programOf } from '../op-cases.fixture.ts';
import { openOnnxEngine } from './engine.ts';

describe.skipIf(noVulkan !== null)(`onnx-webgpu${noVulkan === null ? '' : ` (not here: ${noVulkan})`}`, () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openOnnxEngine({ provider: 'webgpu' });
  });
  afterAll(() => engine.close());

  test.each(allCases)(
    '$name',
    async (case_) => {
      const program = programOf(case_);
      const executable = await engine.compile(program);
      const feeds = feedsOf(program, 3, case_.range);
      const results = await executable.run(feeds);
      for (const [name, { data }] of Object.entries(op.evaluate(program, feeds))) {
        const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
        const worst = data.reduce((most, value, i) => Math.max(most, Math.abs(results[name]!.data[i]! - value)), 0);
        expect(worst / largest, name).toBeLessThan(5e-6);
      }
      await executable.dispose();
    },
    60_000,
  );
});
