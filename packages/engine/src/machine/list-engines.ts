import { engineNames } from '../engine.ts';
import type { EngineName } from '../engine.ts';
import { benchmarkEngine } from './benchmark.ts';
import type { EngineBenchmark } from './benchmark.ts';
import { openNamed, reasonOf } from './openers.ts';
import type { Opened, OpenerOptions } from './openers.ts';

export type EngineListing =
  | {
      name: EngineName;
      available: true;
      /** `openEngine()` takes this one, or the caller's choice fell on it. */
      chosen: boolean;
      /** Library, version and device. */
      description: string;
      /** Why it is only taken when it is asked for by name. */
      onlyByName?: string;
      benchmark?: EngineBenchmark;
    }
  | {
      name: EngineName;
      available: false;
      chosen: false;
      /** Why it does not open here. */
      reason: string;
    };

export interface ListEnginesOptions extends OpenerOptions {
  /** The engine that is asked for by name, if any. */
  engine?: EngineName;
  /** Which engines to try; all by default. */
  only?: readonly EngineName[];
  /** Also measure each (the reference is too slow for that). Some seconds an engine. */
  benchmark?: boolean;
  signal?: AbortSignal;
  onProgress?: (name: EngineName, step: 'opening' | 'measuring') => void;
}

/**
 * Opens every engine once, fastest first, and says what came of it: what there is, which one `openEngine()` takes, and why
 * the others do not work.
 * @example for (const { name, available } of await listEngines()) console.log(name, available);
 */
export async function listEngines(options: ListEnginesOptions = {}): Promise<EngineListing[]> {
  const listings: EngineListing[] = [];
  for (const name of options.only ?? engineNames) {
    options.signal?.throwIfAborted();
    listings.push(await listEngine(name, options));
  }
  const takes = ({ name, available, ...rest }: EngineListing) =>
    available && (options.engine === undefined ? !('onlyByName' in rest) : options.engine === name);
  const chosen = listings.find(takes);
  if (chosen?.available) chosen.chosen = true;
  return listings;
}

async function listEngine(name: EngineName, options: ListEnginesOptions): Promise<EngineListing> {
  const { benchmark = false, signal, onProgress } = options;
  onProgress?.(name, 'opening');
  let opened: Opened;
  try {
    opened = await openNamed(name, options);
  } catch (error) {
    return { name, available: false, chosen: false, reason: reasonOf(error) };
  }
  const { engine, onlyByName } = opened;
  try {
    const listing: EngineListing = { name, available: true, chosen: false, description: engine.description };
    if (onlyByName !== undefined) listing.onlyByName = onlyByName;
    if (benchmark && name !== 'reference') {
      onProgress?.(name, 'measuring');
      listing.benchmark = await benchmarkEngine(engine, signal ? { signal } : {});
    }
    return listing;
  } finally {
    await engine.close();
  }
}
