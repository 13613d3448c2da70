// npm run bench -w @monosema/engine [-- threads]: a table of how fast the engine is on this machine.
import * as op from '../src/index.ts';
import type { Engine, Traced } from '../src/index.ts';
import { initialState, trainingStep } from './training-step.ts';

const threads = Number(process.argv[2] ?? 2);
const seconds = 3;
const rows: Record<string, { best: string; median: string; compile: string }> = {};

/** Calls `work` for some seconds; `amount` of `unit` are done per call. */
async function measure(name: string, compileMs: number, unit: string, amount: number, work: () => Promise<unknown>) {
  await work();
  const times: number[] = [];
  for (const end = performance.now() + seconds * 1000; performance.now() < end || times.length < 5;) {
    const start = performance.now();
    await work();
    times.push((performance.now() - start) / 1000);
  }
  times.sort((a, b) => a - b);
  const rate = (time: number) => `${(amount / time).toPrecision(3)} ${unit}`;
  rows[name] = {
    best: rate(times[0]!),
    median: rate(times[times.length >> 1]!),
    compile: `${compileMs.toFixed(0)} ms`,
  };
}

async function timed<T>(work: Promise<T>): Promise<[T, number]> {
  const start = performance.now();
  return [await work, performance.now() - start];
}

const floats = (...shape: number[]) => {
  const count = shape.reduce((product, size) => product * size, 1);
  return { data: Float32Array.from({ length: count }, (_, i) => Math.sin(i)), shape };
};

async function training(engine: Engine, dIn: number, dSae: number, batch: number) {
  const program = trainingStep({ dIn, dSae, l1: 1e-3 });
  const state = initialState(program, 1 / Math.sqrt(dIn));
  const feeds = { x: floats(batch, dIn), rate: { data: Float32Array.of(1e-4), shape: [] } };
  const name = `ReLU step ${dIn}/${dSae}/${batch}`;
  const [kept, keptMs] = await timed(engine.compile(program, { state }));
  await measure(`${name}, state kept`, keptMs, 'steps/s', 1, () => kept.run(feeds));
  await kept.dispose();
  const [fed, fedMs] = await timed(engine.compile(program));
  await measure(`${name}, state fed`, fedMs, 'steps/s', 1, () => fed.run({ ...feeds, ...state }));
  await fed.dispose();
}

/** Blocks of the shape of GPT-2 small (width 768, 12 heads, MLP 3072), on [batch, 128] residuals. */
async function forward(engine: Engine, layers: number, batch: number) {
  const [length, width, hidden] = [128, 768, 3072];
  const inputs: op.TracedRecord = { x: op.input('x', [op.batch, length, width]) };
  const weights: op.Arrays = {};
  const weight = (name: string, ...shape: number[]): Traced => {
    const value = floats(...shape);
    weights[name] = { data: value.data.map((v) => v * 0.02), shape };
    return (inputs[name] = op.input(name, shape));
  };
  let residual = inputs['x']!;
  for (let layer = 0; layer < layers; layer++) {
    const normed = () => op.layerNorm(residual, weight(`g${layer}`, width), weight(`b${layer}`, width));
    const x = normed();
    const [q, k, v] = ['q', 'k', 'v'].map((part) => op.matmul(x, weight(`${part}${layer}`, width, width)));
    const mixed = op.matmul(op.attention(q!, k!, v!, 12), weight(`o${layer}`, width, width));
    residual = op.add(residual, mixed);
    const inner = op.geluTanh(op.matmul(residual, weight(`in${layer}`, width, hidden)));
    residual = op.add(residual, op.matmul(inner, weight(`out${layer}`, hidden, width)));
  }
  const [executable, ms] = await timed(engine.compile({ inputs, outputs: { residual } }, { weights }));
  const feeds = { x: floats(batch, length, width) };
  await measure(`forward, ${layers} GPT-2 blocks, ${batch} x 128`, ms, 'tokens/s', batch * length, () =>
    executable.run(feeds),
  );
  await executable.dispose();
}

async function roundTrip(engine: Engine) {
  const x = op.input('x', [op.batch, 4]);
  const [executable, ms] = await timed(engine.compile({ inputs: { x }, outputs: { y: op.relu(x) } }));
  const feeds = { x: floats(1, 4) };
  await measure('a call that computes nothing', ms, 'calls/s', 1, () => executable.run(feeds));
  await executable.dispose();
}

const engine = await op.openEngine({ threads });
console.log(engine.description);
await training(engine, 512, 4096, 1024);
await training(engine, 64, 1024, 2048);
await forward(engine, 8, 8);
await roundTrip(engine);
await engine.close();
console.table(rows);
