// npm run bench -- engine [-- --engine onnx-cpu --threads 2 --seconds 2 --rounds 4 --only decode]: how fast an engine is here,
// beside torch.
// Both sides of a case run in turns, a few seconds each, so that what else the machine does meets both.
import type { Side } from '@monosema/bench-side';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { openEngine, parseEngineName } from '../src/index.ts';
import { cases } from './cases.ts';
import { startEngine, startTorch, torchVersion } from './side.ts';

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'onnx-cpu' },
    threads: { type: 'string', default: String(availableParallelism()) },
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '4' },
    only: { type: 'string', default: '' },
  },
});
const [threads, seconds, rounds] = [Number(values.threads), Number(values.seconds), Number(values.rounds)];

interface Measured {
  side: Side;
  times: number[];
  cpuMs: number;
  peakMb: number;
}
const median = (times: number[]) => times.toSorted((a, b) => a - b)[times.length >> 1]!;

async function measureRound(measured: Measured): Promise<void> {
  const { times, cpuMs, peakMb } = await measured.side.measure(seconds);
  measured.cpuMs += cpuMs;
  measured.times.push(...times);
  measured.peakMb = peakMb;
}

async function compare(name: string, withTorch: boolean): Promise<Record<string, string>> {
  const { unit, amount, torch: torchName = name } = cases[name]!;
  const begin = (side: Side): Measured => ({ side, times: [], cpuMs: 0, peakMb: 0 });
  const ours = begin(await startEngine(values.engine, name, threads));
  const theirs = withTorch ? begin(await startTorch(torchName, threads)) : undefined;
  for (let round = 0; round < rounds; round++) {
    await measureRound(ours);
    if (theirs) await measureRound(theirs);
  }
  ours.side.end();
  theirs?.side.end();
  // On a busy machine the processor time of a call tells more than how long it took.
  const cpu = ({ cpuMs, times }: Measured) => cpuMs / times.length;
  const rate = (ms: number) => ((1000 * amount) / ms).toPrecision(4);
  const rates = ({ times }: Measured) => `${rate(Math.min(...times))} / ${rate(median(times))}`;
  return {
    [`engine, best / median`]: `${rates(ours)} ${unit}`,
    ...(theirs && {
      torch: rates(theirs),
      'engine : torch, median': `${(median(theirs.times) / median(ours.times)).toFixed(2)}`,
      'by processor time': (cpu(theirs) / cpu(ours)).toFixed(2),
    }),
    compile: `${ours.side.compileMs.toFixed(0)} ms`,
    'peak memory': `${ours.peakMb.toFixed(0)} MB`,
    ...(theirs && { 'of torch': `${theirs.peakMb.toFixed(0)} MB` }),
  };
}

const engine = await openEngine({ engine: parseEngineName(values.engine), threads });
const torch = await torchVersion();
console.log(`${engine.description}; ${torch === null ? 'no torch here' : `torch ${torch}, ${threads} threads`}`);
await engine.close();
const table: Record<string, Record<string, string>> = {};
for (const name of Object.keys(cases)) {
  if (!name.includes(values.only)) continue;
  table[name] = await compare(name, torch !== null);
  console.log(name, table[name]);
}
console.table(table);
