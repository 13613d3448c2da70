// A process with an open TensorFlow.js engine: it ends when it has nothing to do, and may be ended in the middle of a run.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { startTfjs } from '../machine/openers.ts';
import * as op from '../index.ts';
import { tfjsHere } from '../machine/engines-here.fixture.ts';
import { tfjsEngine } from './engine.ts';

const main = (engine: string, body: string) => `
  const op = await import(${JSON.stringify(new URL('../index.ts', import.meta.url).href)});
  const engine = await op.openEngine({ engine: '${engine}' });
  const x = op.input('x', [op.batch, 256]), W = op.input('W', [256, 256]);
  let y = x;
  for (let i = 0; i < ${engine === 'tfjs-webgpu' ? 1 : 20}; i++) y = op.relu(op.matmul(y, W));
  const W0 = { data: new Float32Array(256 * 256), shape: [256, 256] };
  const program = await engine.compile({ inputs: { x, W }, outputs: { y } }, { weights: { W: W0 } });
  const run = program.run({ x: { data: new Float32Array(256 * 256), shape: [256, 256] } });
  ${body}`;

function start(
  engine: string,
  body: string,
): Promise<{ status: number | null; signal: string | null; stdout: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', main(engine, body)], {
    cwd: fileURLToPath(new URL('../../../..', import.meta.url)),
    env: { ...process.env, LD_LIBRARY_PATH: '/usr/lib/chromium' }, // where Chromium's Vulkan is
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  return new Promise((resolve) => child.on('close', (status, signal) => resolve({ status, signal, stdout })));
}

describe.each(tfjsHere)('a process with %s', (engine) => {
  test.each([
    ['waits for a run that nobody awaits, and ends by itself', `void run.then(() => console.log('ran'));`, 0, 'ran\n'],
    ['may exit in the middle of a run', `setTimeout(() => process.exit(3), 10);`, 3, ''],
  ])(
    '%s',
    async (_, body, status, stdout) => {
      expect(await start(engine, body)).toEqual({ status, signal: null, stdout });
    },
    60_000,
  );

  test('tells of a thread that dies', async () => {
    const { thread } = await startTfjs(engine);
    await expect(thread.call({ kind: 'kill' } as never)).rejects.toThrow(
      "the engine's thread crashed: unknown request",
    );
    await expect(thread.call({ kind: 'memory' })).rejects.toThrow("the engine's thread crashed");
    await thread.close({ kind: 'close' });
  });

  test('holds nothing of a program that could not be compiled, shared weights neither', async () => {
    const { thread, ready } = await startTfjs(engine);
    const opened = tfjsEngine(engine, thread, ready);
    const held = async () => [...(await thread.call({ kind: 'memory' }))[0]!.data];
    const before = await held();
    const W = op.input('W', [2]);
    const weights = await opened.shareWeights({ W: { data: Float32Array.of(1, 2), shape: [2] } });
    let calls = 0;
    const broken = op.fused('gelu', [W], {}, ([x]) => {
      if (calls++ > 0) throw new Error('it has no meaning');
      return x!;
    });
    const compiled = opened.compile({ inputs: { W }, outputs: { y: broken } }, { weights });
    await expect(compiled).rejects.toThrow('it has no meaning');
    await weights.dispose();
    expect(await held()).toEqual(before);
    await opened.close();
  });
});
