import { evaluationMeasureNames, type EvaluationMeasureName, type EvaluationMeasures } from '@monosema/catalog';
import { keyedRandom } from '../training/random.ts';
import { namedSums, sumNames } from './context-sums.ts';
import { measuresOf } from './measures.ts';

export type Intervals = Partial<Record<EvaluationMeasureName, [low: number, high: number]>>;

/** Fewer groups than this say nothing about how much another text would differ. */
export const fewestGroups = 10;
const resamples = 1000;

/**
 * 95 % intervals by the bootstrap (Efron 1979): contexts, not tokens, are drawn with replacement, since tokens of one text
 * are alike; a thousand times, by fixed random numbers. `groups` are sums of contexts; null when they are too few. The
 * mean that variance is taken about is held. Measures that too many draws leave undefined have no interval.
 */
export function bootstrapIntervals(groups: readonly Float64Array[], shiftSquared: number): Intervals | null {
  if (groups.length < fewestGroups) return null;
  const drawn = drawings(groups, shiftSquared);
  const intervals: Intervals = {};
  for (const name of evaluationMeasureNames) {
    const values = drawn.map((measures) => measures[name]).filter((value) => typeof value === 'number');
    if (values.length < 0.95 * resamples) continue;
    values.sort((a, b) => a - b);
    const at = (share: number): number => values[Math.round(share * (values.length - 1))]!;
    intervals[name] = [at(0.025), at(0.975)];
  }
  return intervals;
}

function drawings(groups: readonly Float64Array[], shiftSquared: number): EvaluationMeasures[] {
  const random = keyedRandom(0, 'bootstrap');
  const sums = new Float64Array(sumNames.length);
  return Array.from({ length: resamples }, () => {
    sums.fill(0);
    for (let draw = 0; draw < groups.length; draw++) {
      const group = groups[Math.floor((random() / 2 ** 32) * groups.length)]!;
      for (let i = 0; i < sums.length; i++) sums[i]! += group[i]!;
    }
    return measuresOf(namedSums(sums), shiftSquared);
  });
}
