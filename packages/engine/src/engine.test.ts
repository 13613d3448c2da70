// What every engine promises; each test runs on all of them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as op from './index.ts';
import type { Arrays, ArrayValue, Engine } from './index.ts';
import { enginesHere } from './machine/engines-here.fixture.ts';

const count = (shape: number[]) => shape.reduce((product, size) => product * size, 1);
const floats = (shape: number[], ...values: number[]): ArrayValue => ({ data: Float32Array.from(values), shape });
const ints = (shape: number[], ...values: number[]): ArrayValue => ({ data: Int32Array.from(values), shape });

describe.each(enginesHere)('engine %s', (name) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await op.openEngine({ engine: name, threads: 1 });
  });
  afterAll(() => engine.close());

  const ids = op.input('ids', [op.batch, 2], 'int');
  const table = op.input('table', [3, 2]);
  const rows = op.gatherRows(table, ids); // [batch, 2, 2]
  const lookUp = { inputs: { ids, table }, outputs: { rows, size: op.sizeOf(op.batch), large: op.greater(rows, 3) } };
  const tableValue = floats([3, 2], 1, 2, 3, 4, 5, 6);

  test('says what it is', () => {
    expect(engine.name).toBe(name);
    expect(engine.description).not.toBe('');
    expect(engine.threads).toBe(1);
  });

  test('runs with weights bound at compile, at any batch', async () => {
    const weights = { table: { data: tableValue.data.slice(), shape: [3, 2] } };
    const executable = await engine.compile(lookUp, { weights });
    weights.table.data.fill(0); // bound values are copies
    const feeds = { ids: ints([1, 2], 2, 0) };
    expect(await executable.run(feeds)).toEqual({
      rows: floats([1, 2, 2], 5, 6, 1, 2),
      size: floats([], 1),
      large: ints([1, 2, 2], 1, 1, 0, 0),
    });
    expect(feeds.ids).toEqual(ints([1, 2], 2, 0)); // the caller keeps its feeds
    const { rows, size } = await executable.run({ ids: ints([2, 2], 0, 1, 2, 1) });
    expect(rows).toEqual(floats([2, 2, 2], 1, 2, 3, 4, 5, 6, 3, 4));
    expect(size).toEqual(floats([], 2));
    await executable.dispose();
  });

  test('feeds may be views of larger buffers', async () => {
    const executable = await engine.compile(lookUp);
    const all = Int32Array.of(9, 9, 1, 1, 9);
    const { rows } = await executable.run({ ids: { data: all.subarray(2, 4), shape: [1, 2] }, table: tableValue });
    expect(rows).toEqual(floats([1, 2, 2], 3, 4, 3, 4));
    await executable.dispose();
  });

  test.each<[string, Arrays, string]>([
    ['nothing fed', {}, "input 'ids': expected int32 [batch, 2], got nothing"],
    ['wrong dtype', { ids: floats([1, 2], 0, 1) }, "input 'ids': expected int32 [batch, 2], got float32 [1, 2]"],
    ['wrong size', { ids: ints([1, 3], 0, 1, 2) }, "input 'ids': expected int32 [batch, 2], got int32 [1, 3]"],
    ['wrong rank', { ids: ints([2], 0, 1) }, "input 'ids': expected int32 [batch, 2], got int32 [2]"],
    ['empty batch', { ids: ints([0, 2]) }, 'got int32 [0, 2] (sizes must be positive integers)'],
    ['wrong length', { ids: ints([2, 2], 0, 1) }, 'got int32 [2, 2] with 2 values instead of 4'],
    ['unknown input', { ids: ints([1, 2], 0, 1), id: ints([], 1) }, "there is no input 'id' to feed; there are: ids"],
    ['weight fed', { ids: ints([1, 2], 0, 1), table: tableValue }, "'table' is a weight: it was bound by compile"],
  ])('refuses feeds: %s', async (_, feeds, message) => {
    const executable = await engine.compile(lookUp, { weights: { table: tableValue } });
    await expect(executable.run(feeds)).rejects.toThrow(message);
    await executable.dispose();
  });

  test('refuses batches that differ between inputs', async () => {
    const a = op.input('a', [op.batch, 2]);
    const b = op.input('b', [op.dimProduct(op.batch, 2)]);
    const executable = await engine.compile({ inputs: { a, b }, outputs: { sum: op.add(op.sum(a), op.sum(b)) } });
    const feeds = (size: number) => ({
      a: floats([1, 2], 1, 2),
      b: floats([size], ...new Array<number>(size).fill(1)),
    });
    expect((await executable.run(feeds(2)))['sum']).toEqual(floats([], 5));
    await expect(executable.run(feeds(4))).rejects.toThrow(
      "input 'b': expected float32 [2*batch], got float32 [4] (input 'a' sets batch to 1)",
    );
    await executable.dispose();
  });

  test('refuses programs and bound arrays that do not fit', async () => {
    const compile = (options: op.CompileOptions, program: op.Program = lookUp) => engine.compile(program, options);
    await expect(compile({ weights: { tabel: tableValue } })).rejects.toThrow("there is no input 'tabel'");
    await expect(compile({ weights: { table: floats([1], 1) } })).rejects.toThrow(
      "input 'table': expected float32 [3, 2], got float32 [1]",
    );
    await expect(compile({ weights: { ids: ints([1, 2], 0, 0) } })).rejects.toThrow(
      "weight 'ids' must have a fixed shape, not [batch, 2]",
    );
    await expect(compile({ state: { table: tableValue } })).rejects.toThrow("state 'table' is no output");
    const transposed = { inputs: { table }, outputs: { table: op.transpose(table, [1, 0]) } };
    await expect(compile({ state: { table: tableValue } }, transposed)).rejects.toThrow(
      "state 'table' is float [3, 2] as an input but float [2, 3] as an output",
    );
    await expect(compile({}, { inputs: { ids }, outputs: lookUp.outputs })).rejects.toThrow("need input 'table'");
    await expect(compile({}, { inputs: { ids, t: table }, outputs: lookUp.outputs })).rejects.toThrow(
      "the program's input 't' is the input 'table'",
    );
  });

  test('keeps state between runs', async () => {
    const [w, x] = [op.input('w', [2]), op.input('x', [op.batch, 2])];
    const loss = op.mean(op.square(op.sub(x, w)));
    const [slope] = op.gradients(loss, [w]);
    const descent = { inputs: { w, x }, outputs: { w: op.sub(w, slope!), loss } };
    const initial = { w: floats([2], 0, 0) };
    const executable = await engine.compile(descent, { state: initial });
    const feeds = { x: floats([2, 2], 1, 3, 1, 5) };
    expect(Object.keys(await executable.run(feeds))).toEqual(['loss']);
    const first = await executable.readState();
    expect(first).toEqual({ w: floats([2], 1, 4) });
    expect(initial.w.data).toEqual(Float32Array.of(0, 0));
    expect((await executable.run(feeds))['loss']).toEqual(floats([], 0.5));

    await expect(executable.run({ ...feeds, ...first })).rejects.toThrow("'w' is state");
    await executable.writeState({ w: floats([2], 0, 0) });
    expect((await executable.run(feeds))['loss']).toEqual(floats([], 9));
    expect(await executable.readState()).toEqual(first);

    await expect(executable.writeState({ x: feeds.x })).rejects.toThrow("'x' is not state; the state is: w");
    await expect(executable.writeState({ w: floats([3], 1, 2, 3) })).rejects.toThrow('expected float32 [2]');
    expect(await executable.readState()).toEqual(first);
    await executable.dispose();
  });

  test('state with a symbolic batch changes its batch as a whole', async () => {
    const [a, b] = [op.input('a', [op.batch]), op.input('b', [op.batch])];
    const program = { inputs: { a, b }, outputs: { a: op.add(a, b), b } };
    const executable = await engine.compile(program, { state: { a: floats([1], 1), b: floats([1], 2) } });
    await executable.run({});
    expect(await executable.readState()).toEqual({ a: floats([1], 3), b: floats([1], 2) });
    await expect(executable.writeState({ a: floats([2], 1, 1) })).rejects.toThrow("(input 'a' sets batch to 2)");
    await executable.writeState({ a: floats([2], 1, 1), b: floats([2], 1, 2) });
    await executable.run({});
    expect((await executable.readState())['a']).toEqual(floats([2], 2, 3));
    await executable.dispose();
  });

  // ONNX Runtime has a kernel for head widths that are multiples of 8.
  const uneven = { rowsApart: true, scale: 0.5, softCap: 0.4, window: 3 };
  test.each<[string, number, op.AttentionOptions & { rowsApart?: boolean }]>([
    ['head width 2', 2, {}],
    ['head width 8', 8, {}],
    ['head width 2, every option', 2, uneven],
    ['head width 8, every option', 8, uneven],
  ])(
    'cached attention decodes to what causal attention gives, %s',
    async (_, width, { rowsApart = false, ...options }) => {
      const [heads, keyValueHeads, context, size, length] = [4, 2, 8, 2, 5];
      const axes = (count: number, positions: number) => [op.batch, positions, count * width];
      const inputs = {
        q: op.input('q', axes(heads, 1)),
        k: op.input('k', axes(keyValueHeads, 1)),
        v: op.input('v', axes(keyValueHeads, 1)),
        keys: op.input('keys', [op.batch, keyValueHeads, context, width]),
        values: op.input('values', [op.batch, keyValueHeads, context, width]),
        position: op.input('position', [rowsApart ? op.batch : 1], 'int'),
      };
      const { q, k, v, keys, values, position } = inputs;
      const outputs = { ...op.cachedAttention(q, k, v, keys, values, position, heads, options) };
      const cacheShape = [size, keyValueHeads, context, width];
      const emptyCache = { data: new Float32Array(count(cacheShape)), shape: cacheShape };
      const decode = await engine.compile({ inputs, outputs }, { state: { keys: emptyCache, values: emptyCache } });

      const all = {
        q: op.input('q', axes(heads, length)),
        k: op.input('k', axes(keyValueHeads, length)),
        v: op.input('v', axes(keyValueHeads, length)),
      };
      const wave = (heads: number, at: number) => {
        const shape = [size, length, heads * width];
        return { data: Float32Array.from({ length: count(shape) }, (_, i) => Math.sin(i * i + at)), shape };
      };
      const feeds = { q: wave(heads, 1), k: wave(keyValueHeads, 2), v: wave(keyValueHeads, 3) };
      const mixed = op.attention(all.q, all.k, all.v, heads, { ...options, keyValueHeads });
      const expected = op.evaluate({ inputs: all, outputs: { mixed } }, feeds)['mixed']!;

      /** The values of a row at a time of its own. */
      const at = ({ data, shape }: op.AnyArray, times: number[]): ArrayValue => {
        const w = shape[2]!;
        const start = (row: number) => (row * length + times[row]!) * w;
        const picked = times.flatMap((_, row) => Array.from({ length: w }, (_, i) => data[start(row) + i]!));
        return floats([size, 1, w], ...picked);
      };
      for (let t = 0; t < length; t++) {
        const times = rowsApart ? [t, Math.max(t - 1, 0)] : [t, t]; // the second row starts a step later
        const step = { q: at(feeds.q, times), k: at(feeds.k, times), v: at(feeds.v, times) };
        const { mixed } = await decode.run({ ...step, position: rowsApart ? ints([size], ...times) : ints([1], t) });
        at(expected, times).data.forEach((value, i) => expect(mixed!.data[i]).toBeCloseTo(value, 5));
      }
      await decode.dispose();
    },
  );

  test('calls run in the order in which they are made', async () => {
    const count = op.input('count', []);
    const program = { inputs: { count }, outputs: { count: op.add(count, 1), before: op.mul(count, 1) } };
    const executable = await engine.compile(program, { state: { count: floats([], 0) } });
    const runs = await Promise.all(Array.from({ length: 20 }, () => executable.run({})));
    expect(runs.map(({ before }) => before!.data[0])).toEqual(Array.from({ length: 20 }, (_, i) => i));
    await executable.dispose();
  });

  test('refuses calls after dispose and close', async () => {
    const own = await op.openEngine({ engine: name, threads: 1 });
    const first = await own.compile(lookUp, { weights: { table: tableValue } });
    const second = await own.compile(lookUp, { weights: { table: tableValue } });
    const feeds = { ids: ints([1, 2], 0, 1) };
    await first.dispose();
    await first.dispose();
    await expect(first.run(feeds)).rejects.toThrow('the executable is disposed');
    const running = second.run(feeds);
    await own.close();
    await own.close();
    expect((await running)['size']).toEqual(floats([], 1));
    await expect(second.run(feeds)).rejects.toThrow('the engine is closed');
    await expect(own.compile(lookUp)).rejects.toThrow('the engine is closed');
    await second.dispose();
  });
});

test('an unknown engine: the error lists those that exist', async () => {
  const open = () => op.openEngine({ engine: op.parseEngineName('tfjs-gpt') });
  expect(open).toThrow(/there is no engine 'tfjs-gpt' here; engine must be one of: .*onnx-cpu/);
  await expect(op.openEngine({ threads: 0 })).rejects.toThrow('threads must be 1 or more, got 0');
});
