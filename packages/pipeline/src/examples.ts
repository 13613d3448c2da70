import type { FeatureExample } from '@monosema/catalog';
import type { Firings } from './firing-log.ts';
import { bestOf } from './ranking.ts';
import type { DashboardSettings } from './settings.ts';

/** The firings of one context: a half-open range of the feature's firings, and the first of the strongest. */
interface FiringContext {
  context: number;
  start: number;
  end: number;
  peak: number;
}

/**
 * The contexts that show a feature: those with the highest maximum, then some from each equal interval of
 * [0, maximum], so that weak firings are seen too. One example per context, highest maximum first; equal maxima in the
 * order of the text. The choice depends only on the set of firings, never on how they were gathered.
 */
export function examplesOf(
  firings: Firings,
  contextSize: number,
  {
    topExamples,
    intervals,
    intervalExamples,
  }: Pick<DashboardSettings, 'topExamples' | 'intervals' | 'intervalExamples'>,
): FeatureExample[] {
  const contexts = firingContexts(firings, contextSize);
  const maximumOf = (i: number): number => firings.values[contexts[i]!.peak]!;
  const higher = (a: number, b: number): boolean =>
    maximumOf(a) > maximumOf(b) || (maximumOf(a) === maximumOf(b) && a < b);
  const chosen = new Set(bestOf(contexts.length, topExamples, higher));
  const [strongest] = chosen;
  if (strongest === undefined) return [];

  const groups = Array.from({ length: intervals }, (): number[] => []);
  for (let i = 0; i < contexts.length; i++) {
    if (!chosen.has(i))
      groups[Math.min(intervals - 1, Math.floor((maximumOf(i) / maximumOf(strongest)) * intervals))]!.push(i);
  }
  for (const group of groups) for (const i of sample(group, contexts, intervalExamples)) chosen.add(i);
  const order = [...chosen].sort((a, b) => (higher(a, b) ? -1 : 1));
  return order.map((i) => exampleOf(contexts[i]!, firings, contextSize));
}

function firingContexts({ places, values }: Firings, contextSize: number): FiringContext[] {
  const contexts: FiringContext[] = [];
  let current: FiringContext | undefined;
  for (let i = 0; i < places.length; i++) {
    const context = Math.floor(places[i]! / contextSize);
    if (current?.context !== context) contexts.push((current = { context, start: i, end: i, peak: i }));
    current.end = i + 1;
    if (values[i]! > values[current.peak]!) current.peak = i;
  }
  return contexts;
}

/** A pseudo-random choice keyed by the context's number: the same whichever worker saw it, and in whatever order. */
function sample(group: readonly number[], contexts: readonly FiringContext[], size: number): number[] {
  const key = (a: number): number => hash(contexts[group[a]!]!.context);
  return bestOf(group.length, size, (a, b) => key(a) < key(b) || (key(a) === key(b) && a < b)).map((a) => group[a]!);
}

function exampleOf(
  { context, start, end, peak }: FiringContext,
  { places, values }: Firings,
  contextSize: number,
): FeatureExample {
  return {
    context,
    position: places[peak]! % contextSize,
    maximum: values[peak]!,
    positions: Array.from(places.subarray(start, end), (place) => place % contextSize),
    values: Array.from(values.subarray(start, end)),
  };
}

/** Mixes a 32-bit number (the finaliser of MurmurHash3). */
function hash(number: number): number {
  let h = number >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
