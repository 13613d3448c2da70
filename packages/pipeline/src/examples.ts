import type { ExampleGroup, FeatureExample } from '@monosema/catalog';
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

/** A firing that stands for a group: the context that shows it, and which of the firings it is. */
interface Pick {
  context: number;
  firing: number;
}

type Group = Omit<ExampleGroup, 'members'> & { picks: readonly Pick[] };

export type ExampleSettings = {
  [
    Name in 'topExamples' | 'intervals' | 'intervalExamples' | 'quantiles' | 'quantileExamples'
  ]: DashboardSettings[Name];
};

/**
 * The contexts that show a feature: those with the highest maximum; further contexts whose maximum lies in each of some
 * equal intervals of [0, maximum]; and contexts around firings of each quantile, so that weak firings are seen as often
 * as they occur. One example per context, highest maximum first; equal maxima in the order of the text. The choice
 * depends only on the set of firings, never on how they were gathered.
 */
export function examplesOf(
  firings: Firings,
  contextSize: number,
  settings: ExampleSettings,
): { examples: FeatureExample[]; groups: ExampleGroup[] } {
  if (firings.places.length === 0) return { examples: [], groups: [] };
  const contexts = firingContexts(firings, contextSize);
  const higher = (a: number, b: number): boolean => {
    const [x, y] = [firings.values[contexts[a]!.peak]!, firings.values[contexts[b]!.peak]!];
    return x > y || (x === y && a < b);
  };
  const top = topGroup(firings, contexts, higher, settings.topExamples);
  const shown = new Set(top.picks.map(({ context }) => context));
  const groups = [
    top,
    ...intervalGroups(firings, contexts, shown, settings),
    ...quantileGroups(firings, contexts, settings),
  ];
  const order = [...new Set(groups.flatMap(({ picks }) => picks.map(({ context }) => context)))];
  order.sort((a, b) => (higher(a, b) ? -1 : 1));
  const numbers = new Map(order.map((context, number) => [context, number]));
  return {
    examples: order.map((context) => exampleOf(contexts[context]!, firings, contextSize)),
    groups: groups.map(({ picks, ...group }) => ({
      ...group,
      members: picks.map(({ context, firing }) => ({
        example: numbers.get(context)!,
        position: firings.places[firing]! % contextSize,
      })),
    })),
  };
}

function topGroup(
  { values }: Firings,
  contexts: readonly FiringContext[],
  higher: (a: number, b: number) => boolean,
  size: number,
): Group {
  const picks = bestOf(contexts.length, size, higher).map((context) => ({ context, firing: contexts[context]!.peak }));
  return { kind: 'top', minimum: null, maximum: values[picks[0]!.firing]!, share: null, picks };
}

/** Of equal width over [0, maximum], the highest first; those in which nothing fires are left out. */
function intervalGroups(
  { places, values }: Firings,
  contexts: readonly FiringContext[],
  shown: ReadonlySet<number>,
  { intervals, intervalExamples }: ExampleSettings,
): Group[] {
  const maximum = values.reduce((a, b) => Math.max(a, b));
  const intervalOf = (value: number): number => Math.min(intervals - 1, Math.floor((value / maximum) * intervals));
  const counts = new Array<number>(intervals).fill(0);
  for (const value of values) counts[intervalOf(value)]!++;
  const candidates = Array.from({ length: intervals }, (): number[] => []);
  contexts.forEach(({ peak }, i) => shown.has(i) || candidates[intervalOf(values[peak]!)]!.push(i));
  return counts
    .flatMap((count, interval): Group[] => {
      if (count === 0) return [];
      const key = (context: number): number => contexts[context]!.context;
      const picks = sample(candidates[interval]!, key, intervalExamples).map((context) => ({
        context,
        firing: contexts[context]!.peak,
      }));
      const [from, to] = [(maximum * interval) / intervals, (maximum * (interval + 1)) / intervals];
      return [{ kind: 'interval', minimum: from, maximum: to, share: count / places.length, picks }];
    })
    .reverse();
}

/** Of equally many firings, the strongest first; equal activations all belong to the lowest quantile that reaches them. */
function quantileGroups(
  { places, values }: Firings,
  contexts: readonly FiringContext[],
  { quantiles, quantileExamples }: ExampleSettings,
): Group[] {
  if (quantiles === 0) return [];
  const sorted = Float32Array.from(values).sort();
  const ends = Array.from({ length: quantiles }, (_, i) => Math.floor(((i + 1) * sorted.length) / quantiles));
  const candidates = ends.map((): number[] => []);
  values.forEach((value, firing) =>
    candidates[ends.findIndex((end) => end > 0 && value <= sorted[end - 1]!)]!.push(firing),
  );
  const contextOf = contextsOfFirings(contexts, values.length);
  return candidates
    .flatMap((firings): Group[] => {
      if (firings.length === 0) return [];
      const picks = sample(firings, (firing) => places[firing]!, quantileExamples);
      const range = firings.map((firing) => values[firing]!);
      return [
        {
          kind: 'quantile',
          minimum: range.reduce((a, b) => Math.min(a, b)),
          maximum: range.reduce((a, b) => Math.max(a, b)),
          share: firings.length / places.length,
          picks: picks.map((firing) => ({ context: contextOf[firing]!, firing })),
        },
      ];
    })
    .reverse();
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

function contextsOfFirings(contexts: readonly FiringContext[], count: number): Uint32Array {
  const contextOf = new Uint32Array(count);
  contexts.forEach(({ start, end }, context) => contextOf.fill(context, start, end));
  return contextOf;
}

/** A pseudo-random choice keyed by places in the text: the same whichever worker saw them, and in whatever order. */
function sample(items: readonly number[], placeOf: (item: number) => number, size: number): number[] {
  const keys = Uint32Array.from(items, (item) => hash(placeOf(item)));
  return bestOf(items.length, size, (a, b) => keys[a]! < keys[b]! || (keys[a] === keys[b] && a < b)).map(
    (a) => items[a]!,
  );
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
