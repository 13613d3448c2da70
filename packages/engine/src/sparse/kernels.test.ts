import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { compileKernels, kernelPath } from '../../scripts/compile-kernels.ts';
import { FEATURES_PER_BLOCK, problemFields, SAMPLES_PER_BLOCK } from './layout.ts';

test('the committed kernels are what their source compiles to (else: npx tsx packages/engine/scripts/build-kernels.ts)', async () => {
  const [committed, fresh] = await Promise.all([readFile(kernelPath), compileKernels()]);
  expect(Buffer.from(fresh).equals(committed)).toBe(true);
});

test('the host lays out the fields that the kernels read', async () => {
  const source = await readFile(new URL('./kernels/problem.as', import.meta.url), 'utf8');
  expect([...source.matchAll(/^ {2}(\w+): (?:i32|f32|usize);/gm)].map(([, name]) => name)).toEqual([...problemFields]);
  expect(source).toContain(`SAMPLES_PER_BLOCK: i32 = ${SAMPLES_PER_BLOCK};`);
  expect(source).toContain(`FEATURES_PER_BLOCK: i32 = ${FEATURES_PER_BLOCK};`);
});
