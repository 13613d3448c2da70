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
  let maximum = 0;
  for (const value of values) if (value > maximum) maximum = value;
  const intervalOf = (value: number): number => Math.min(intervals - 1, Math.floor((value / maximum) * intervals));
  const counts = new Uint32Array(intervals);
  for (const value of values) counts[intervalOf(value)]!++;
  const samples = Array.from({ length: intervals }, () => new Sample(intervalExamples));
  contexts.forEach(({ context, peak }, i) => {
    if (!shown.has(i)) samples[intervalOf(values[peak]!)]!.offer(i, context);
  });
  return Array.from(counts)
    .flatMap((count, interval): Group[] => {
      if (count === 0) return [];
      const picks = samples[interval]!.items.map((context) => ({ context, firing: contexts[context]!.peak }));
      const [minimum, end] = [(maximum * interval) / intervals, (maximum * (interval + 1)) / intervals];
      return [{ kind: 'interval', minimum, maximum: end, share: count / places.length, picks }];
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
  const tops = Array.from({ length: quantiles }, (_, i) => Math.floor(((i + 1) * sorted.length) / quantiles)).map(
    (end) => (end > 0 ? sorted[end - 1]! : -Infinity),
  );
  const parts = tops.map(() => ({ count: 0, minimum: Infinity, maximum: 0, sample: new Sample(quantileExamples) }));
  for (let firing = 0; firing < values.length; firing++) {
    const value = values[firing]!;
    let quantile = 0;
    while (value > tops[quantile]!) quantile++;
    const part = parts[quantile]!;
    part.count++;
    if (value < part.minimum) part.minimum = value;
    if (value > part.maximum) part.maximum = value;
    part.sample.offer(firing, places[firing]!);
  }
  return parts
    .flatMap(({ count, minimum, maximum, sample }): Group[] => {
      if (count === 0) return [];
      const picks = sample.items.map((firing) => ({ context: contextOf(firing, contexts), firing }));
      return [{ kind: 'quantile', minimum, maximum, share: count / places.length, picks }];
    })
    .reverse();
}

/** The context that a firing stands in, by bisection. */
function contextOf(firing: number, contexts: readonly FiringContext[]): number {
  let [low, high] = [0, contexts.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (firing < contexts[middle]!.end) high = middle;
    else low = middle + 1;
  }
  return low;
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

/**
 * A pseudo-random choice of `size` items keyed by their places in the text: the same whichever worker saw them. Items are
 * offered in ascending order; of equal keys the first is kept.
 */
class Sample {
  readonly items: number[] = [];
  private readonly keys: number[] = [];

  constructor(private readonly size: number) {}

  offer(item: number, place: number): void {
    const key = hash(place);
    const { items, keys, size } = this;
    if (items.length === size) {
      if (size === 0 || key >= keys[size - 1]!) return;
      items.pop();
      keys.pop();
    }
    let at = items.length;
    while (at > 0 && key < keys[at - 1]!) at--;
    items.splice(at, 0, item);
    keys.splice(at, 0, key);
  }
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
