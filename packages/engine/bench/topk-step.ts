// `npx tsx packages/engine/bench/topk-step.ts`: steps per second of the TopK step, by size, encoder and threads.
import { openTopKStep, type EncoderKind } from '../src/sparse/index.ts';

interface Case {
  dIn: number;
  dSae: number;
  k: number;
  batch: number;
}

async function measure({ dIn, dSae, k, batch }: Case, encoder: EncoderKind, threads: number): Promise<void> {
  const random = (length: number, scale: number): Float32Array =>
    Float32Array.from({ length }, () => (Math.random() * 2 - 1) * scale);
  const parameters = {
    W_enc: random(dIn * dSae, dIn ** -0.5),
    b_enc: new Float32Array(dSae),
    W_dec: random(dIn * dSae, dIn ** -0.5),
    b_dec: new Float32Array(dIn),
  };
  const step = await openTopKStep({ dIn, dSae, k, batch, encoder, threads, parameters });
  const x = random(batch * dIn, 1);
  const times: number[] = [];
  const until = performance.now() + 3000;
  while (performance.now() < until) {
    const start = performance.now();
    await step.step(x, { learningRate: 1e-3 });
    times.push(performance.now() - start);
  }
  await step.close();
  times.sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)] ?? NaN;
  const columns = [
    dIn,
    dSae,
    k,
    batch,
    encoder,
    threads,
    `${(1000 / times[0]!).toFixed(1)}`,
    `${(1000 / median).toFixed(1)}`,
    `${median.toFixed(1)} ms`,
  ];
  console.log(columns.map((column) => String(column).padStart(9)).join(' '));
}

console.log(
  ['d_in', 'd_sae', 'k', 'batch', 'encoder', 'threads', 'best/s', 'median/s', 'median']
    .map((name) => name.padStart(9))
    .join(' '),
);
const cases: Case[] = [
  { dIn: 64, dSae: 1024, k: 8, batch: 2048 },
  { dIn: 128, dSae: 2048, k: 16, batch: 2048 },
  { dIn: 256, dSae: 4096, k: 32, batch: 1024 },
  { dIn: 512, dSae: 4096, k: 32, batch: 1024 },
];
for (const size of cases)
  for (const encoder of ['wasm', 'onnx'] as const) for (const threads of [1, 2]) await measure(size, encoder, threads);
