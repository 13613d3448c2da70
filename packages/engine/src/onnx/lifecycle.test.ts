// The worker thread: it blocks nobody, leaks nothing, holds no process, and its death is reported.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import * as op from '../index.ts';
import { startOnnxThread } from './engine.ts';

const width = 256;
/** A chain of products that takes a while. */
function slowProgram(layers: number) {
  const x = op.input('x', [op.batch, width]);
  const W = op.input('W', [width, width]);
  let y = x;
  for (let i = 0; i < layers; i++) y = op.tanh(op.matmul(y, W));
  return { inputs: { x, W }, outputs: { y } };
}
const filled = (...shape: number[]) => ({ data: new Float32Array(shape.reduce((a, b) => a * b)).fill(0.01), shape });

describe('the engine’s thread', () => {
  test('leaves the caller’s thread free while it runs', async () => {
    const engine = await op.openEngine({ threads: 1 });
    const executable = await engine.compile(slowProgram(20), { weights: { W: filled(width, width) } });
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    for (let i = 0; i < 5; i++) await executable.run({ x: filled(1024, width) });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
    await engine.close();
  });

  test('some hundred runs and compiles leave memory flat', async () => {
    const engine = await op.openEngine({ threads: 1 });
    const megabyte = 1024;
    const x = op.input('x', [op.batch, width]);
    const s = op.input('s', [megabyte, width]);
    const program = { inputs: { x, s }, outputs: { y: op.add(x, 1), s: op.add(s, op.sum(x)) } };
    const round = async () => {
      const executable = await engine.compile(program, { state: { s: filled(megabyte, width) } });
      for (let i = 0; i < 50; i++) await executable.run({ x: filled(megabyte, width) });
      await executable.readState();
      await executable.dispose();
    };
    for (let i = 0; i < 2; i++) await round(); // arenas grow at first
    const before = process.memoryUsage.rss();
    for (let i = 0; i < 4; i++) await round();
    // 200 runs took in and gave out 200 MB each way; a run that kept either would show. Node frees buffers lazily.
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 2 ** 20);
    await engine.close();
  });

  test('when it dies, waiting and later calls are rejected with the reason', async () => {
    const { thread } = await startOnnxThread();
    const waiting = thread.call({ kind: 'kill' } as never);
    await expect(waiting).rejects.toThrow("the engine's thread crashed: unknown request kill");
    await expect(thread.call({ kind: 'dispose', program: 0 })).rejects.toThrow("the engine's thread crashed");
    await thread.close({ kind: 'close' });
  });

  test('reports what ONNX Runtime refuses', async () => {
    const engine = await op.openEngine({ threads: 1 });
    const [table, ids] = [op.input('table', [3, 2]), op.input('ids', [op.batch], 'int')];
    const program = { inputs: { table, ids }, outputs: { rows: op.gatherRows(table, ids) } };
    const executable = await engine.compile(program);
    const feeds = (id: number) => ({ table: filled(3, 2), ids: { data: Int32Array.of(id), shape: [1] } });
    await expect(executable.run(feeds(3))).rejects.toThrow(/onnx-cpu: .*(indices|index)/i);
    await executable.run(feeds(2)); // and goes on
    await engine.close();
  });
});

describe('a process with an open engine', () => {
  const main = (body: string) => `
    const op = await import(${JSON.stringify(new URL('../index.ts', import.meta.url).href)});
    const engine = await op.openEngine({ threads: 1 });
    const x = op.input('x', [op.batch, 512]), W = op.input('W', [512, 512]);
    let y = x;
    for (let i = 0; i < 30; i++) y = op.relu(op.matmul(y, W));
    const W0 = { data: new Float32Array(512 * 512), shape: [512, 512] };
    const program = await engine.compile({ inputs: { x, W }, outputs: { y } }, { weights: { W: W0 } });
    const run = program.run({ x: { data: new Float32Array(512 * 256), shape: [256, 512] } });
    ${body}`;
  const start = (body: string) =>
    spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', main(body)], {
      cwd: fileURLToPath(new URL('../../../..', import.meta.url)),
      encoding: 'utf8',
      timeout: 20_000,
    });

  test.each([
    ['ends by itself when nothing is left to do', `await run; console.log('ran');`, 0, 'ran\n'],
    ['waits for a run that nobody awaits', `void run.then(() => console.log('ran'));`, 0, 'ran\n'],
    ['may exit in the middle of a run', `setTimeout(() => process.exit(3), 10);`, 3, ''],
    ['closes in the middle of a run', `await engine.close(); await run; console.log('ran');`, 0, 'ran\n'],
  ])('%s', (_, body, status, stdout) => {
    const child = start(body);
    expect(child).toMatchObject({ status, stdout, signal: null, stderr: '' });
  });
});
