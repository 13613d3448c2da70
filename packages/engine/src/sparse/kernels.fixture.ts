import { readFile } from 'node:fs/promises';
import type { Kernels } from './protocol.ts';
import { ProblemMemory } from './problem-memory.ts';

/** What the kernels export for tests alone. */
export interface TestedKernels extends Kernels {
  packRow(row: number, width: number, factor: number, out: number, stride: number): void;
  dot(a: number, b: number, bytes: number): number;
  gatherSum(
    out: number,
    start: number,
    table: number,
    rows: number,
    weights: number,
    count: number,
    bytes: number,
  ): void;
  kthLargest(values: number, count: number, k: number): number;
}

const kernelModule = readFile(new URL('./kernels/sparse-step.wasm', import.meta.url)).then((bytes) =>
  WebAssembly.compile(bytes),
);

export async function openKernels(memory: WebAssembly.Memory): Promise<TestedKernels> {
  const { exports } = await WebAssembly.instantiate(await kernelModule, { env: { memory } });
  return exports as unknown as TestedKernels;
}

/** Deterministic numbers, roughly normal. */
export function testNoise(seed: number): (length: number, scale?: number) => Float32Array {
  let state = seed;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 0) / 2 ** 32 - 0.5;
  };
  return (length, scale = 1) => Float32Array.from({ length }, () => scale * 2 * (uniform() + uniform() + uniform()));
}

export interface ProblemCase {
  dIn: number;
  dSae: number;
  k: number;
  batch: number;
  /** BatchTopK's latents of the whole batch. */
  budget?: number;
  dead?: readonly number[];
  rescale?: boolean;
  /** Makes the problem harder than random numbers do. */
  change?: (arrays: Record<'x' | 'W_enc' | 'b_enc' | 'W_dec' | 'b_dec', Float32Array>) => void;
}

/** A problem in memory, ready for its first phase, with one thread's scratch. */
export async function openProblem(wanted: ProblemCase) {
  const { dIn, dSae, k, batch, budget = 0, dead = [], rescale = false } = wanted;
  const sizes = { dIn, dSae, k, batch, budget, levelEnds: [dSae], subtractBias: true, threads: 1 };
  const problem = new ProblemMemory({ ...sizes, auxK: Math.min(Math.floor(dIn / 2), dSae) });
  const noise = testNoise(dIn + dSae + k);
  const arrays = {
    ...{ x: noise(batch * dIn), W_enc: noise(dIn * dSae, dIn ** -0.5), b_enc: noise(dSae, 0.1) },
    ...{ W_dec: noise(dSae * dIn, dIn ** -0.5), b_dec: noise(dIn, 0.2) },
  };
  wanted.change?.(arrays);
  problem.writeParameters('weights', arrays);
  problem.writeRows('x', arrays.x);
  problem.fields.set({ rescale: Number(rescale), deadCount: dead.length, auxK: Math.min(dead.length, dIn >> 1, dSae) });
  const mask = problem.ints('dead', dSae);
  for (const f of dead) mask[f] = -1;
  const kernels = await openKernels(problem.memory);
  const { layout } = problem;
  const at = layout.problem;
  const scratch = layout.scratch[0]!;
  kernels.packEncoder(at);
  return { problem, kernels, at, scratch, layout };
}
export type OpenProblem = Awaited<ReturnType<typeof openProblem>>;
