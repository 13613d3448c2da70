import { openEngine, type Engine, type Program } from '@monosema/engine';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { generate, loadModel, type GenerateOptions, type Model } from '../index.ts';

let model: Model;
let engine: Engine;
/** Programs that were compiled, and how many of them are not disposed. */
let compiled = 0;
let held = 0;
beforeEach(async () => {
  const inner = await openEngine({ engine: 'onnx-cpu' });
  [compiled, held] = [0, 0];
  const compile: Engine['compile'] = async (program: Program, options) => {
    const executable = await inner.compile(program, options);
    compiled++;
    held++;
    return {
      run: (feeds) => executable.run(feeds),
      readState: () => executable.readState(),
      writeState: (state) => executable.writeState(state),
      dispose: () => executable.dispose().then(() => void held--),
    };
  };
  engine = {
    ...{ name: inner.name, description: inner.description, threads: inner.threads, compile },
    shareWeights: (arrays) => inner.shareWeights(arrays),
    close: () => inner.close(),
  };
  model = await loadModel('stories-260k');
});
afterEach(async () => {
  vi.useRealTimers();
  await engine.close();
});

const options: GenerateOptions = { prompts: ['Once upon a time'], newTokens: 2 };

test('calls of the same shape take the same programs, others their own, and edits only their own', async () => {
  await generate(engine, model, options);
  expect(compiled).toBe(2); // to read the prompt, to write
  await generate(engine, model, { ...options, prompts: ['One day', 'Lily'], seed: 3 });
  expect(compiled).toBe(2);
  const edits = { 'blocks.1.hook_resid_post': <T>(x: T): T => x };
  for (let i = 0; i < 2; i++) await generate(engine, model, { ...options, edits: { ...edits } });
  expect(compiled).toBe(4);
  await generate(engine, model, { ...options, edits: { 'blocks.1.hook_resid_post': (x) => x } });
  expect(compiled).toBe(6);
});

test('programs that nobody needs for a minute are freed', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  await generate(engine, model, options);
  vi.advanceTimersByTime(59_000);
  await generate(engine, model, options);
  vi.advanceTimersByTime(59_000);
  expect([compiled, held]).toEqual([2, 2]);
  vi.advanceTimersByTime(2_000);
  await vi.waitFor(() => expect(held).toBe(0));
});

test('a few shapes are kept, the last used', async () => {
  for (let slots = 1; slots <= 9; slots++)
    await generate(engine, model, { prompts: [new Array<number>(32 * slots - 2).fill(300)], newTokens: 1 });
  expect([compiled, held]).toEqual([18, 16]);
});
