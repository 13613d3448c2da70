import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { compileKernels, kernelPath } from '../../scripts/compile-kernels.ts';
import { openKernels, openProblem, testNoise, type OpenProblem, type ProblemCase } from './kernels.fixture.ts';
import { FEATURES_PER_BLOCK, SAMPLES_PER_BLOCK, scratchBytes } from './layout.ts';
import * as naive from './naive-kernels.ts';
import { problemFields } from './problem-fields.ts';

test('the committed kernels are what their source compiles to (else: npx tsx packages/engine/scripts/build-kernels.ts)', async () => {
  const [committed, fresh] = await Promise.all([readFile(kernelPath), compileKernels()]);
  expect(Buffer.from(fresh).equals(committed)).toBe(true);
}, 120_000);

test('the host lays out what the kernels read', async () => {
  const source = await readFile(new URL('./kernels/problem.as', import.meta.url), 'utf8');
  expect([...source.matchAll(/^ {2}(\w+): (?:i32|f32|usize);/gm)].map(([, name]) => name)).toEqual([...problemFields]);
  expect(source).toContain(`SAMPLES_PER_BLOCK: i32 = ${SAMPLES_PER_BLOCK};`);
  expect(source).toContain(`FEATURES_PER_BLOCK: i32 = ${FEATURES_PER_BLOCK};`);
  for (const dead of [[], [1, 2, 3]]) {
    const { kernels, at, layout, problem } = await openProblem({ dIn: 37, dSae: 301, k: 5, batch: 3, dead });
    const auxK = problem.fields.get('auxK');
    expect(kernels.scratchBytes(at)).toBe(scratchBytes({ dSae: 301, auxK }, layout.width));
  }
});

const memory = new WebAssembly.Memory({ initial: 4, maximum: 4, shared: true });
const floats = (at: number, length: number) => new Float32Array(memory.buffer, at, length);

test('kthLargest, with ties and without', async () => {
  const kernels = await openKernels(memory);
  for (let count = 1; count < 40; count++) {
    const noise = testNoise(count)(count, 3);
    for (const values of [noise, noise.map((value) => Math.round(value) + 0), new Float32Array(count).fill(2)]) {
      for (let k = 1; k <= count; k++) {
        floats(4096, count).set(values);
        expect(kernels.kthLargest(4096, count, k)).toBe(naive.falling(values)[k - 1]);
      }
    }
  }
});

test('gatherSum, for any number of rows, in place and not', async () => {
  const kernels = await openKernels(memory);
  const width = 48;
  const table = floats(8192, 7 * width);
  table.set(testNoise(3)(7 * width));
  for (let count = 0; count < 11; count++) {
    const start = testNoise(count)(width);
    const rows = Array.from({ length: count }, (_, i) => (5 * i + 2) % 7);
    const weights = testNoise(99)(count);
    new Int32Array(memory.buffer, 65536, count).set(rows);
    floats(66560, count).set(weights);
    const wanted = naive.gatherSum(start, (row) => table.slice(row * width, (row + 1) * width), rows, [...weights]);
    for (const out of [67584, 69632]) {
      floats(69632, width).set(start);
      kernels.gatherSum(out, 69632, 8192, 65536, 66560, count, 4 * width);
      expect([...floats(out, width)]).toEqual([...wanted]);
    }
  }
});

test('packRow: whole numbers at their stride, at most half a unit away', async () => {
  const kernels = await openKernels(memory);
  const row = testNoise(4)(32);
  floats(4096, 32).set(row);
  kernels.packRow(4096, 32, 1000, 8192, 12);
  const packed = new Int16Array(memory.buffer, 8192, 96);
  row.forEach((value, i) =>
    expect(Math.abs(packed[6 * (i >> 1) + (i & 1)]! - 1000 * value)).toBeLessThanOrEqual(0.5001),
  );
});

/** Every rank as the kernels measure them: pre-activation in float32, times the norm. */
function ranksOf({ problem, kernels, layout }: OpenProblem, sample: number): { ranks: number[]; values: number[] } {
  const { dSae } = problem.sizes;
  const bytes = 4 * layout.width;
  const [centred, encoder] = [problem.fields.get('centred') + sample * bytes, problem.fields.get('encoder')];
  const bias = problem.floats('encoderBias', dSae);
  const norms = problem.floats('rankNorms', dSae);
  const values = Array.from({ length: dSae }, (_, f) =>
    Math.fround(kernels.dot(centred, encoder + f * bytes, bytes) + bias[f]!),
  );
  return { values, ranks: values.map((value, f) => Math.fround(value * norms[f]!)) };
}

// prettier-ignore
const hard: [string, ProblemCase][] = [
  ['random', { dIn: 40, dSae: 333, k: 9, batch: 37 }],
  ['one of everything', { dIn: 1, dSae: 1, k: 1, batch: 1 }],
  ['all are kept', { dIn: 5, dSae: 19, k: 19, batch: 33, dead: [0, 18] }],
  ['decoder norms decide', { dIn: 33, dSae: 100, k: 4, batch: 34, rescale: true, dead: [3, 50, 51, 99] }],
  ['equal rows', { dIn: 24, dSae: 64, k: 6, batch: 3, change: ({ W_enc, b_enc }) => (W_enc.fill(0.1), b_enc.fill(0)) }],
  ['hardly different rows', { dIn: 16, dSae: 200, k: 7, batch: 5, dead: [...Array(60).keys()], change: ({ W_enc, b_enc }) => { W_enc.forEach((v, i) => (W_enc[i] = 1 + 1e-4 * v)); b_enc.fill(0); } }],
  ['an outlying dimension', { dIn: 48, dSae: 150, k: 5, batch: 9, change: ({ x }) => x.forEach((v, i) => i % 48 === 7 && (x[i] = 500 + v)) }],
  ['rows of very different norms', { dIn: 20, dSae: 90, k: 8, batch: 9, change: ({ W_enc }) => W_enc.forEach((v, i) => (W_enc[i] = v * 10 ** ((i % 90) / 9 - 5))) }],
  ['rows of zeros', { dIn: 20, dSae: 90, k: 8, batch: 9, dead: [0, 1, 2], change: ({ W_enc, x, b_dec }) => { W_enc.forEach((_, i) => i % 3 && (W_enc[i] = 0)); x.subarray(0, 20).set(b_dec); } }],
  ['large biases', { dIn: 20, dSae: 90, k: 8, batch: 9, change: ({ b_enc }) => b_enc.forEach((v, i) => (b_enc[i] = 1000 * v)) }],
  ['tiny numbers', { dIn: 20, dSae: 90, k: 8, batch: 9, change: ({ x, b_dec, b_enc }) => [x, b_dec, b_enc].forEach((a) => a.forEach((v, i) => (a[i] = 1e-18 * v))) }],
];
test.each(hard)('TopK keeps exactly the best in float32, of all and of the dead: %s', async (_, wanted) => {
  const open = await openProblem(wanted);
  const { problem, kernels, at, scratch, layout } = open;
  const { batch, k } = problem.sizes;
  for (let block = 0; block < layout.sampleBlocks; block++) kernels.forwardBlock(at, block, scratch);
  const auxK = problem.fields.get('auxK');
  const [indices, values] = [problem.ints('indices', batch * k), problem.floats('values', batch * k)];
  for (let sample = 0; sample < batch; sample++) {
    const { ranks, values: all } = ranksOf(open, sample);
    const best = naive.keepBest(ranks, k, 0);
    const kept = problem.ints('pairCounts', batch)[sample]!;
    expect([...indices.subarray(sample * k, sample * k + kept)]).toEqual(best);
    expect([...values.subarray(sample * k, sample * k + kept)]).toEqual(best.map((f) => all[f]));
    if (auxK === 0) continue;
    const dead = ranks.map((rank, f) => (wanted.dead!.includes(f) ? rank : -Infinity));
    const start = sample * auxK;
    expect([...problem.ints('auxIndices', batch * auxK).subarray(start, start + auxK)]).toEqual(
      naive.keepBest(dead, auxK, -Infinity),
    );
  }
});

test.each(hard)('BatchTopK keeps exactly the best of the batch: %s', async (_, wanted) => {
  const { dSae, batch, k } = wanted;
  const budget = Math.max(1, Math.floor(0.7 * k * batch));
  const open = await openProblem({ ...wanted, budget });
  const { problem, kernels, at, scratch, layout } = open;
  kernels.guessCandidateFloor(at, scratch);
  const guess = problem.fields.get('candidateFloor');
  const capacity = batch * dSae;
  const end = problem.memory.buffer.byteLength;
  problem.memory.grow(Math.ceil((12 * capacity) / 65536));
  problem.fields.set({
    candidateIndices: end,
    candidateValues: end + 4 * capacity,
    candidateRanks: end + 8 * capacity,
  });
  for (const floor of [guess, 0]) {
    problem.fields.set({ candidateFloor: floor, candidateCount: 0, candidateCapacity: capacity });
    // In any order of blocks
    for (let block = layout.sampleBlocks - 1; block >= 0; block--) kernels.candidateBlock(at, block, scratch);
    if (problem.fields.get('candidateCount') < budget && floor > 0) continue;
    kernels.chooseKept(at, scratch);
    const ranks = Array.from({ length: batch }, (_, sample) => ranksOf(open, sample).ranks).flat();
    const best = naive.keepBest(ranks, budget, 0);
    const [starts, counts] = [problem.ints('pairStarts', batch), problem.ints('pairCounts', batch)];
    const indices = problem.ints('indices', budget);
    const kept = Array.from(starts, (start, sample) =>
      [...indices.subarray(start, start + counts[sample]!)].map((f) => sample * dSae + f),
    ).flat();
    expect(kept).toEqual(best);
    expect(problem.fields.get('smallestKept')).toBe(best.length ? Math.min(...best.map((i) => ranks[i]!)) : 0);
  }
});

test('pairs are sorted by feature, samples ascending', async () => {
  const { problem, kernels, at, scratch, layout } = await openProblem({ dIn: 12, dSae: 70, k: 6, batch: 45 });
  for (let block = 0; block < layout.sampleBlocks; block++) kernels.forwardBlock(at, block, scratch);
  kernels.sortPairs(at);
  const { batch, k, dSae } = problem.sizes;
  const counts = problem.ints('pairCounts', batch);
  const [indices, gradients] = [problem.ints('indices', batch * k), problem.floats('gradients', batch * k)];
  const pairs = Array.from(counts, (count, sample) =>
    Array.from({ length: count }, (_, i) => {
      const pair = sample * k + i;
      return { sample, feature: indices[pair]!, gradient: gradients[pair]! };
    }),
  ).flat();
  const sorted = naive.sortByFeature(pairs);
  expect([...problem.ints('sortedSamples', pairs.length)]).toEqual(sorted.map(({ sample }) => sample));
  expect([...problem.floats('sortedGradients', pairs.length)]).toEqual(sorted.map(({ gradient }) => gradient));
  const offsets = Array.from({ length: dSae + 1 }, (_, f) => pairs.filter(({ feature }) => feature < f).length);
  expect([...problem.ints('offsets', dSae + 1)]).toEqual(offsets);
});
