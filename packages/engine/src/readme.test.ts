// The example of README.md runs, and prints what it says.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as op from './index.ts';

test('the README’s example', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? '';
  const importLine = "import * as op from '@monosema/engine';";
  expect(example).toContain(importLine);
  const script = example.replace(importLine, '').replace(/(?<=[\w\])])!/g, ''); // all that is TypeScript in it
  const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor as new (
    ...parts: string[]
  ) => (...given: unknown[]) => Promise<void>;
  const printed: unknown[] = [];
  await new AsyncFunction('op', 'console', script)(op, { log: (value: unknown) => printed.push(value) });

  const [description, first, tenth, w] = printed as [string, number, number, Float32Array];
  expect(description).toContain('onnxruntime-node');
  expect(tenth).toBeLessThan(first);
  for (const entry of w) expect(entry).toBeCloseTo(2, 2);
});
