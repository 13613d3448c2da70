import { readFileSync } from 'node:fs';
import { openSparseStep } from '@monosema/engine/sparse';
import { expect, test } from 'vitest';

const names = ['W_enc', 'b_enc', 'W_dec', 'b_dec'] as const;
type Numbers = Record<(typeof names)[number], number[]>;
interface Trajectory {
  dIn: number;
  dSae: number;
  k: number;
  batch: number;
  learningRate: number;
  start: Numbers;
  steps: { x: number[]; dead: number[]; mse: number; auxLoss: number; l0: number }[];
  end: Numbers;
}

// Recorded by scripts/record-topk-trajectory.py; float64 there, float32 here.
const golden = JSON.parse(
  readFileSync(new URL('./fixtures/topk-trajectory.json', import.meta.url), 'utf8'),
) as Trajectory;

test('the sparse step walks the path that torch recorded', async () => {
  const { dIn, dSae, k, batch, learningRate, start } = golden;
  const parameters = {
    W_enc: Float32Array.from(start.W_enc),
    b_enc: Float32Array.from(start.b_enc),
    W_dec: Float32Array.from(start.W_dec),
    b_dec: Float32Array.from(start.b_dec),
  };
  const step = await openSparseStep({ dIn, dSae, k, batch, parameters });
  for (const { x, dead, mse, auxLoss, l0 } of golden.steps) {
    const mask = Uint8Array.from({ length: dSae }, (_, feature) => Number(dead.includes(feature)));
    const result = await step.step(Float32Array.from(x), { learningRate, dead: mask });
    expect(result.mse / mse).toBeCloseTo(1, 5);
    expect(result.auxLoss).toBeCloseTo(auxLoss, 5);
    expect(result.l0).toBeCloseTo(l0, 6);
  }
  const { parameters: end } = await step.read();
  await step.close();
  for (const name of names)
    for (const [i, value] of golden.end[name].entries()) expect(end[name][i], `${name}[${i}]`).toBeCloseTo(value, 5);
});
