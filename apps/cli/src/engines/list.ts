import { listEngines, parseEngineName, type EngineListing } from '@monosema/engine';
import { env } from '../env.ts';
import { forOption } from '../exit.ts';
import { Progress, writeJson } from '../terminal.ts';
import type { ListOptions } from './command.ts';

/** `monosema engines`. */
export async function listEnginesHere({ bench = false, json }: ListOptions, signal: AbortSignal): Promise<void> {
  const wanted = env.MONOSEMA_ENGINE;
  const engine = wanted === undefined ? undefined : await forOption('MONOSEMA_ENGINE', () => parseEngineName(wanted));
  const progress = new Progress();
  const listings = await listEngines({
    benchmark: bench,
    signal,
    onProgress: (name, step) => progress.update(`${step} ${name} …`),
    ...(engine ? { engine } : {}),
  }).finally(() => progress.clear());
  if (json) writeJson(listings);
  else process.stdout.write(table(listings));
}

/** One line per engine; * marks the chosen one. */
export function table(listings: readonly EngineListing[]): string {
  const width = Math.max(...listings.map(({ name }) => name.length));
  return listings
    .map((listing) => {
      const { name, chosen } = listing;
      return `${chosen ? '*' : ' '} ${name.padEnd(width)}  ${about(listing)}\n`;
    })
    .join('');
}

function about(listing: EngineListing): string {
  if (!listing.available) return `not here: ${listing.reason}`;
  const { description, onlyByName, benchmark } = listing;
  const measured =
    benchmark && `matmul ${round(benchmark.matmulGflops)} GF/s, SAE ${round(benchmark.saeStepsPerSecond)} steps/s`;
  return [description, measured, onlyByName && `only by name: ${onlyByName}`].filter(Boolean).join('; ');
}

const round = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(2));
