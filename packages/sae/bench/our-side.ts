// Our side of a comparison, in a process of its own: `our-side.ts <case as JSON> <threads> <kernels|program>`; see side.ts.
import { createInterface } from 'node:readline';
import { openEngine } from '@monosema/engine';
import { initialParameters } from '../src/training/initial-parameters.ts';
import { openProgramTrainer } from '../src/training/program-trainer.ts';
import { hasSparseStep, openSparseTrainer } from '../src/training/sparse-trainer.ts';
import { batchesOf, coefficient, configOf, learningRate, settings, type BenchCase } from './cases.ts';

const wanted = JSON.parse(process.argv[2]!) as BenchCase;
const threads = Number(process.argv[3]);
const say = (message: object) =>
  console.log(JSON.stringify({ ...message, peakMb: process.resourceUsage().maxRSS / 1024 }));

const config = configOf(wanted);
const { batch, dSae } = wanted;
const { loss: rules, optimiser } = settings;
const parameters = initialParameters({
  ...{ config, loss: rules, start: settings.start, seed: 1 },
  decoderBias: new Float32Array(config.dIn),
});
const common = { config, rules, optimiser, batch, parameters };
const start = performance.now();
const engine = process.argv[4] === 'program' ? await openEngine({ engine: 'onnx-cpu', threads }) : undefined;
if (!engine && !hasSparseStep(config, rules, batch)) throw new Error(`no kernels for ${config.architecture}`);
const trainer = engine
  ? await openProgramTrainer({ ...common, engine })
  : await openSparseTrainer({
      ...common,
      config: config as Parameters<typeof openSparseTrainer>[0]['config'],
      threads,
    });
const dead = Uint8Array.from({ length: dSae }, (_, f) => Number((f * 0.618) % 1 < wanted.dead));
const batches = batchesOf(wanted);
let taken = 0;
const work = () => trainer.step(batches[taken++ % batches.length]!, { learningRate, coefficient, dead });
const compileMs = performance.now() - start;
// The first steps are those in which thresholds and moments settle.
let { mse, l0 } = await work();
for (let i = 0; i < 5; i++) ({ mse, l0 } = await work());
say({ compileMs, mse, l0 });
for await (const line of createInterface({ input: process.stdin })) {
  const times: number[] = [];
  const before = process.cpuUsage();
  for (const end = performance.now() + Number(line) * 1000; performance.now() < end || times.length < 2;) {
    const begin = performance.now();
    await work();
    times.push(performance.now() - begin);
  }
  const { user, system } = process.cpuUsage(before);
  say({ times, cpuMs: (user + system) / 1000 });
}
process.exit(0);
