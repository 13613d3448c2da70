// What goes into a session, and when one serves several programs.
import { afterEach, describe, expect, test, vi } from 'vitest';
import * as op from '../index.ts';
import { WorkerThread } from '../thread/worker-thread.ts';
import { openOnnxEngine } from './engine.ts';

const calls = () => vi.spyOn(WorkerThread.prototype, 'call');
const count = (spy: ReturnType<typeof calls>, kind: string) =>
  spy.mock.calls.filter(([request]) => request.kind === kind).length;
const floats = (shape: number[], value = 1) => {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value);
  return { data, shape };
};
/** The same program every time, but traced anew. */
function trace(factor = 2) {
  const [x, w, s] = [op.input('x', [op.batch, 3]), op.input('w', [3]), op.input('s', [])];
  const y = op.add(op.mul(op.mul(x, w), factor), s);
  return { inputs: { x, w, s }, outputs: { y, s: op.add(s, 1) } };
}

afterEach(() => vi.restoreAllMocks());

describe('sessions', () => {
  test('a program traced again runs the session that is there, with state and weights of its own', async () => {
    const engine = await openOnnxEngine({ threads: 1 });
    const spy = calls();
    const of = (weight: number, start: number, program = trace()) =>
      engine.compile(program, {
        weights: { w: floats([3], weight) },
        weightsAs: 'inputs',
        state: { s: floats([], start) },
      });
    const [first, second] = await Promise.all([of(1, 0), of(10, 100)]);
    expect(count(spy, 'openSession')).toBe(1);
    const feeds = { x: floats([1, 3]) };
    expect([...(await first.run(feeds))['y']!.data]).toEqual([2, 2, 2]);
    expect([...(await first.run(feeds))['y']!.data]).toEqual([3, 3, 3]);
    expect([...(await second.run(feeds))['y']!.data]).toEqual([120, 120, 120]);

    await first.dispose();
    expect(count(spy, 'closeSession')).toBe(0);
    expect([...(await second.run(feeds))['y']!.data]).toEqual([121, 121, 121]);
    const other = await of(1, 0, trace(3)); // another program
    expect(count(spy, 'openSession')).toBe(2);
    await Promise.all([second.dispose(), other.dispose()]);
    expect(count(spy, 'closeSession')).toBe(2);
    await (await of(1, 0)).dispose();
    expect(count(spy, 'openSession')).toBe(3);
    await engine.close();
  });

  test('initialisers are part of the session: other values, another session', async () => {
    const engine = await openOnnxEngine({ threads: 1 });
    const spy = calls();
    const state = { s: floats([]) };
    const compile = (value: number) => engine.compile(trace(), { weights: { w: floats([3], value) }, state });
    await Promise.all([compile(1), compile(1), compile(2)]);
    expect(count(spy, 'openSession')).toBe(2);
    const [one, two] = [
      await engine.shareWeights({ w: floats([3], 1) }),
      await engine.shareWeights({ w: floats([3], 2) }),
    ];
    const shared = (weights: op.SharedWeights) =>
      engine.compile(trace(), { weights, weightsAs: 'initialisers', state });
    const programs = await Promise.all([shared(one), shared(one), shared(two)]);
    expect(count(spy, 'openSession')).toBe(4);
    const values = await Promise.all(programs.map((program) => program.run({ x: floats([1, 3]) })));
    expect(values.map(({ y }) => y!.data[0])).toEqual([3, 3, 5]);
    await engine.close();
  });

  test('a program that ONNX Runtime refuses is not kept', async () => {
    const engine = await openOnnxEngine({ threads: 1 });
    const spy = calls();
    spy.mockImplementationOnce(() => Promise.reject(new op.EngineError('refused')));
    const options = { state: { s: floats([]) } };
    await expect(engine.compile(trace(), options)).rejects.toThrow('refused');
    await (await engine.compile(trace(), options)).run({ x: floats([1, 3]), w: floats([3]) });
    await engine.close();
  });

  test.each([0, 1e9])('constants from %d bytes on outside the graph’s file', async (externalFrom) => {
    const engine = await openOnnxEngine({ threads: 1, externalFrom });
    const [ids, table] = [op.input('ids', [op.batch], 'int'), op.input('table', [3, 2])];
    const scale = op.constant(Float32Array.of(1, 10), [2]);
    const y = op.layerNorm(op.mul(op.gatherRows(table, ids), scale), scale, scale);
    const program = { inputs: { ids, table }, outputs: { y, z: op.reshape(y, [op.dimProduct(op.batch, 2)]) } };
    const weights = { table: { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2] } };
    const feeds = { ids: { data: Int32Array.of(2, 0), shape: [2] } };
    const executable = await engine.compile(program, { weights });
    const found = await executable.run(feeds);
    const expected = op.evaluate(program, { ...weights, ...feeds });
    for (const name of ['y', 'z']) {
      expected[name]!.data.forEach((value, i) => expect(found[name]!.data[i]).toBeCloseTo(value, 5));
    }
    await engine.close();
  });
});
