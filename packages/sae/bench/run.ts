/**
 * How fast SAEs train here, beside sae-lens on torch on the same cores, and beside our own dense program:
 *   npm run bench -- sae [--only topk] [--size 512] [--batch 1024] [--dead 0.1] [--seconds 2] [--rounds 3] [--threads 2]
 *                        [--sides kernels,sae-lens] [--json] [--end-to-end]
 * The sae-lens columns need a Python with sae-lens, which MONOSEMA_PYTHON may name; without it the others are printed.
 * All sides of a case run in turns, so that what else the machine does meets all of them; each in a process of its own.
 */
import type { Side } from '@monosema/bench-side';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { architectures, k, sizes, type BenchCase } from './cases.ts';
import { endToEnd } from './end-to-end.ts';
import { saeLensVersion, sideNames, startSideOf, type SideName } from './side.ts';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    size: { type: 'string' },
    batch: { type: 'string' },
    dead: { type: 'string', default: '0' },
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '3' },
    threads: { type: 'string', default: String(availableParallelism()) },
    sides: { type: 'string', default: sideNames.join(';') },
    json: { type: 'boolean', default: false },
    'end-to-end': { type: 'boolean', default: false },
  },
});
const threads = Number(options.threads);
const wanted = options.sides.split(options.sides.includes(';') ? ';' : ',');
const sparse: readonly string[] = ['topk', 'batchtopk', 'matryoshka_batchtopk'];

interface Measured {
  name: SideName;
  side: Side;
  times: number[];
  cpuMs: number;
  peakMb: number;
}
const median = (times: number[]) => times.toSorted((a, b) => a - b)[times.length >> 1]!;
const perSecond = (ms: number) => (1000 / ms).toPrecision(3);

async function compare(one: BenchCase, withSaeLens: boolean): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const name of sideNames) {
    if (!wanted.includes(name) || (name.startsWith('sae-lens') && !withSaeLens)) continue;
    if (name === 'kernels' && !sparse.includes(one.architecture)) continue;
    measured.push({ name, side: await startSideOf(name, one, threads), times: [], cpuMs: 0, peakMb: 0 });
  }
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const part of measured) {
      const { times, cpuMs, peakMb } = await part.side.measure(Number(options.seconds));
      part.times.push(...times);
      part.cpuMs += cpuMs;
      part.peakMb = peakMb;
    }
  }
  for (const { side } of measured) side.end();
  return measured;
}

/** A row of the table: steps/s (best, median), tokens/s, memory; ratios of our quickest side to sae-lens. */
function rowOf(one: BenchCase, measured: readonly Measured[]): Record<string, string> {
  const row: Record<string, string> = {};
  for (const { name, times, peakMb } of measured) {
    row[name] = `${perSecond(Math.min(...times))} / ${perSecond(median(times))}`;
    if (name === measured[0]!.name) row['tokens/s'] = ((1000 * one.batch) / median(times)).toFixed(0);
    row[`MB, ${name}`] = peakMb.toFixed(0);
  }
  const ours = measured[0]!;
  for (const other of measured.slice(1)) {
    const cpu = ({ cpuMs, times }: Measured) => cpuMs / times.length;
    row[`x ${other.name}`] = (median(other.times) / median(ours.times)).toFixed(2);
    row[`x ${other.name}, by processor time`] = (cpu(other) / cpu(ours)).toFixed(2);
  }
  return row;
}

if (options['end-to-end']) {
  console.table(await endToEnd(threads));
  process.exit(0);
}
const saeLens = await saeLensVersion();
console.log(
  `steps per second, best / median of ${options.rounds} x ${options.seconds} s; k ${k}, ${threads} threads; ${saeLens ?? 'no sae-lens here'}`,
);
const table: Record<string, Record<string, string>> = {};
for (const { dIn, dSae } of sizes) {
  if (options.size !== undefined && Number(options.size) !== dIn) continue;
  for (const batch of [1024, 4096]) {
    if (options.batch !== undefined && Number(options.batch) !== batch) continue;
    for (const architecture of architectures) {
      if (options.only !== undefined && options.only !== architecture) continue;
      const one = { architecture, dIn, dSae, batch, dead: Number(options.dead) };
      const name = `${architecture} ${dIn} -> ${dSae}, batch ${batch}`;
      table[name] = rowOf(one, await compare(one, saeLens !== null));
      console.log(name, options.json ? JSON.stringify(table[name]) : table[name]);
    }
  }
}
console.table(table);
