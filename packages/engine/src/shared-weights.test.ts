// One copy of the weights for many programs, on every engine.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Arrays, Engine } from './index.ts';
import * as op from './index.ts';
import { enginesHere } from './machine/engines-here.fixture.ts';

const floats = (...data: number[]) => ({ data: Float32Array.from(data), shape: [data.length] });
const [x, a, b] = [op.input('x', [op.batch, 2]), op.input('a', [2]), op.input('b', [2])];
const sum = { inputs: { x, a, b }, outputs: { y: op.add(op.mul(x, a), b) } };
const scaled = { inputs: { x, a }, outputs: { y: op.mul(x, a) } };
const feeds = { x: { data: Float32Array.of(1, 2), shape: [1, 2] } };

describe.each(enginesHere)('shared weights on %s', (name) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await op.openEngine({ engine: name, threads: 1 });
  });
  afterAll(() => engine.close());

  async function valueOf(program: op.Program, options: op.CompileOptions): Promise<number[]> {
    const executable = await engine.compile(program, options);
    const { y } = await executable.run(feeds);
    await executable.dispose();
    return [...y!.data];
  }

  test('serve programs that need all or some of them, as inputs and as initialisers', async () => {
    const arrays: Arrays = { a: floats(2, 3), b: floats(10, 20), unread: floats(0) };
    const weights = await engine.shareWeights(arrays);
    arrays['a']!.data.fill(0); // a copy was shared
    for (const weightsAs of [undefined, 'inputs', 'initialisers'] as const) {
      const options = { weights, ...(weightsAs ? { weightsAs } : {}) };
      expect(await valueOf(sum, options)).toEqual([12, 26]);
      expect(await valueOf(scaled, options)).toEqual([2, 6]);
    }
    await weights.dispose();
  });

  test('go together with arrays and with each other; the last counts', async () => {
    const [first, second] = [
      await engine.shareWeights({ a: floats(1, 1), b: floats(10, 20) }),
      await engine.shareWeights({ a: floats(5, 5) }),
    ];
    for (const weightsAs of ['inputs', 'initialisers'] as const) {
      expect(await valueOf(sum, { weightsAs, weights: [first, second] })).toEqual([15, 30]);
      expect(await valueOf(sum, { weightsAs, weights: [first, { a: floats(2, 2) }] })).toEqual([12, 24]);
      expect(await valueOf(sum, { weightsAs, weights: [{ a: floats(2, 2) }, first] })).toEqual([11, 22]);
    }
    await Promise.all([first.dispose(), second.dispose()]);
  });

  test('stay for the programs that read them, and take no new ones, after dispose', async () => {
    const weights = await engine.shareWeights({ a: floats(2, 3) });
    const executable = await engine.compile(scaled, { weights });
    await weights.dispose();
    await weights.dispose();
    expect([...(await executable.run(feeds))['y']!.data]).toEqual([2, 6]);
    await expect(engine.compile(scaled, { weights })).rejects.toThrow('these shared weights are disposed');
    await executable.dispose();
  });

  test('are refused where they do not fit', async () => {
    const weights = await engine.shareWeights({ a: floats(1, 2, 3) });
    await expect(engine.compile(scaled, { weights })).rejects.toThrow(
      "input 'a': expected float [2], got float [3] of shared weights",
    );
    const other = await op.openEngine({ engine: name, threads: 1 });
    const elsewhere = await other.shareWeights({ a: floats(1, 2) });
    await expect(engine.compile(scaled, { weights: elsewhere })).rejects.toThrow('shared in another engine');
    const executable = await other.compile(scaled, { weights: elsewhere });
    await expect(executable.run({ ...feeds, a: floats(1, 2) })).rejects.toThrow("'a' is a weight");
    await other.close();
    await elsewhere.dispose();
    await executable.dispose();
  });
});
