// What the op table leaves out: integers, bools, ties and indices that are computed or wrong; on every engine of this machine.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as op from '../index.ts';
import type { Arrays, Engine, Traced } from '../index.ts';
import { enginesHere, noTfjsGpu, noWebgpu } from '../machine/engines-here.fixture.ts';

const floats = (shape: number[], ...values: number[]) => ({ data: Float32Array.from(values), shape });
const ints = (shape: number[], ...values: number[]) => ({ data: Int32Array.from(values), shape });

const x = op.input('x', [op.batch, 4]);
const i = op.input('i', [op.batch, 4], 'int');
const j = op.input('j', [4], 'int');
const feeds: Arrays = {
  x: floats([2, 4], 1, 3, 3, -2, 0, 0, 0, 0),
  i: ints([2, 4], 7, -7, 3, 0, 1, 2, 3, 2),
  j: ints([4], 2, 2, 3, 1),
};
const positive = op.greater(x, 0);
const cases: Record<string, Traced> = {
  'integer sums': op.sub(op.add(i, j), 3),
  'integer products': op.mul(op.neg(i), op.abs(i)),
  'integers compared': op.greaterEqual(i, j),
  'integers equal': op.equal(i, 2),
  'the larger integer': op.maximum(i, j),
  'integers as floats': op.toFloat(i),
  'a choice of integers': op.where(op.greater(i, 1), i, j),
  'integers moved': op.concat(
    [op.slice(op.transpose(i, [1, 0]), 0, 1, 3), op.transpose(op.pad(op.slice(i, 1, 0, 1), 1, 1, 0), [1, 0])],
    0,
  ),
  'integers in rows': op.gatherRows(j, op.slice(i, 1, 2, 3)),
  'bools moved': op.reshape(op.broadcast(op.transpose(positive, [1, 0]), [2, 4, op.batch]), [8, op.batch]),
  'bools as floats': op.toFloat(op.stopGradient(positive)),
  'the first of equal values': op.topK(x, 2).indices,
  'the largest value': op.topK(x, 1).values,
  'a constant': op.constant(Int32Array.of(1, 2, 3), [3]),
  'an input': i,
};

test.each([
  ['tfjs-webgpu', noWebgpu],
  ['tfjs-gpu', noTfjsGpu],
])('%s is among the engines of this run, or there is a reason: %s', (name, reason) => {
  expect(enginesHere.some((engine) => engine === name)).toBe(reason === null);
});

describe.each(enginesHere)('on %s', (name) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await op.openEngine({ engine: name, threads: 1 });
  });
  afterAll(() => engine.close());

  test('integers, bools and ties', async () => {
    const program = { inputs: { x, i, j }, outputs: cases };
    const executable = await engine.compile(program);
    const results = await executable.run(feeds);
    for (const [what, { data, shape }] of Object.entries(op.evaluate(program, feeds))) {
      expect({ what, shape: results[what]!.shape, values: [...results[what]!.data].map((value) => value + 0) }).toEqual(
        {
          what,
          shape,
          values: [...data].map((value) => value + 0), // 0 and -0 are one number
        },
      );
    }
    await executable.dispose();
  });

  const table = op.input('table', [op.batch, 2]);
  const ids = op.input('ids', [3], 'int');
  const computed = op.add(ids, 1);
  test.each<[string, Traced]>([
    ['gatherRows', op.gatherRows(table, ids)],
    ['gatherRows', op.gatherRows(table, op.reshape(ids, [3, 1]))],
    ['gatherRows', op.gatherRows(table, op.sub(computed, 1))],
    ['scatterAddRows', op.scatterAddRows(ids, op.constant(new Float32Array(6), [3, 2]), op.batch)],
    ['gatherLast', op.gatherLast(op.reshape(op.constant(new Float32Array(4), [4]), [1, 4]), op.reshape(ids, [1, 3]))],
    ['scatterLast', op.scatterLast(op.reshape(ids, [1, 3]), op.constant(new Float32Array(3), [1, 3]), 4)],
  ])('%s refuses indices out of range, and goes on', async (_, y) => {
    const executable = await engine.compile({ inputs: { table, ids }, outputs: { y, size: op.sizeOf(op.batch) } });
    const of = (...values: number[]) => ({ table: floats([4, 2], 1, 2, 3, 4, 5, 6, 7, 8), ids: ints([3], ...values) });
    await expect(executable.run(of(0, 4, 1))).rejects.toThrow(/ind(ex|ic)/i);
    await executable.run(of(0, 3, 1));
    await executable.dispose();
  });
});
