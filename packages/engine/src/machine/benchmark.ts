// How fast an engine is here, in a few seconds: one matrix product and one training step.
import type { Arrays } from '../arrays.ts';
import { batch } from '../dims.ts';
import type { Engine, Executable } from '../engine.ts';
import { gradientsOf } from '../gradients/gradients.ts';
import { mean, square } from '../composed/index.ts';
import { add, input, matmul, mul, relu, sub, sum } from '../ops/index.ts';
import type { Program, TracedRecord } from '../trace.ts';

export interface EngineBenchmark {
  /** Products of two 1024 × 1024 float32 matrices that stay on the device: 1e9 floating point operations a second. */
  matmulGflops: number;
  /** Steps a second of a ReLU autoencoder (256 → 2048, batch 512, squared error + L1, gradient descent). */
  saeStepsPerSecond: number;
}

export interface BenchmarkOptions {
  /** How long each of the two is measured. */
  seconds?: number;
  signal?: AbortSignal;
}

const side = 1024;
const [dIn, dSae, rows] = [256, 2048, 512];

/**
 * Measures an engine; its best rounds count, after one that warms up.
 * @example const { matmulGflops } = await benchmarkEngine(await openEngine());
 */
export async function benchmarkEngine(
  engine: Engine,
  { seconds = 1, signal }: BenchmarkOptions = {},
): Promise<EngineBenchmark> {
  const products = await engine.compile(productProgram(), {
    state: { x: noise(side, side) },
    weights: { w: noise(side, side) },
  });
  const product = await bestSeconds(products, {}, seconds, signal);
  await products.dispose();
  const steps = await engine.compile(stepProgram(), {
    state: { encoder: noise(dIn, dSae), decoder: noise(dSae, dIn) },
  });
  const step = await bestSeconds(steps, { x: noise(rows, dIn) }, seconds, signal);
  await steps.dispose();
  return { matmulGflops: (2 * side ** 3) / product / 1e9, saeStepsPerSecond: 1 / step };
}

/** x @ w, scaled so that it neither grows nor fades; one number comes back, so that transfers do not count. */
function productProgram(): Program {
  const inputs = { x: input('x', [side, side]), w: input('w', [side, side]) };
  const x = mul(matmul(inputs.x, inputs.w), 2 / Math.sqrt(side));
  return { inputs, outputs: { x, total: sum(x) } };
}

function stepProgram(): Program {
  const parameters = { encoder: input('encoder', [dIn, dSae]), decoder: input('decoder', [dSae, dIn]) };
  const x = input('x', [batch, dIn]);
  const code = relu(matmul(x, parameters.encoder));
  const error = sub(matmul(code, parameters.decoder), x);
  const loss = add(mean(sum(square(error), [1])), mul(mean(sum(code, [1])), 1e-3));
  const slopes = gradientsOf<TracedRecord>(loss, parameters);
  const outputs: TracedRecord = { loss };
  for (const [name, parameter] of Object.entries(parameters)) {
    outputs[name] = sub(parameter, mul(slopes[name]!, 1e-4));
  }
  return { inputs: { ...parameters, x }, outputs };
}

async function bestSeconds(
  executable: Executable,
  feeds: Arrays,
  seconds: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  await executable.run(feeds);
  let best = Infinity;
  const end = performance.now() + seconds * 1000;
  do {
    signal?.throwIfAborted();
    const start = performance.now();
    await executable.run(feeds);
    best = Math.min(best, (performance.now() - start) / 1000);
  } while (performance.now() < end);
  return best;
}

/** Entries between -1/2 and 1/2, from a fixed sequence. */
function noise(...shape: [number, number]) {
  let seed = 1;
  const next = () => (seed = (seed * 48271) % 2147483647) / 2147483647 - 0.5;
  const data = Float32Array.from({ length: shape[0] * shape[1] }, next);
  return { data: shape[0] === shape[1] ? data : data.map((value) => value * 0.1), shape };
}
