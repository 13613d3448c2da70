import { expect, test } from 'vitest';
import { scheduleRulesSchema, type ScheduleRulesInput } from '../config/schedule-rules.ts';
import { coefficientAt, learningRateShare } from './schedule.ts';

const shares = (rules: ScheduleRulesInput, from: number, to: number, steps = 10): number[] => {
  const parsed = scheduleRulesSchema.parse(rules);
  return Array.from({ length: to - from + 1 }, (_, i) => learningRateShare(parsed, from + i, steps));
};
const near = (actual: number[], wanted: number[]): void =>
  wanted.forEach((value, i) => expect(actual[i], String(i)).toBeCloseTo(value, 6));

test('14. warm-up of 4: rates 1/4, 1/2, 3/4, 1, 1 at steps 0 to 4, sparsity weights a step behind: 0, 1/4, 1/2, 3/4, 1', () => {
  near(shares({ warmUpSteps: 4 }, 0, 4), [0.25, 0.5, 0.75, 1, 1]);
  near(
    [0, 1, 2, 3, 4].map((step) => coefficientAt(1, 4, step)),
    [0, 0.25, 0.5, 0.75, 1],
  );
  expect(coefficientAt(0.3, 0, 0)).toBe(0.3);
});

test('15. decay of 4 in 10 steps: 1, 3/4, 1/2, 1/4 at steps 6 to 9', () => {
  near(shares({ decaySteps: 4 }, 5, 9), [1, 1, 0.75, 0.5, 0.25]);
});

// What sae-lens 6.54's get_lr_scheduler gives on torch 2.13.
test('cosines end at their share of the peak, from which the decay goes on', () => {
  near(shares({ kind: 'cosineannealing', warmUpSteps: 2, decaySteps: 2 }, 0, 9), [
    ...[0.5, 1, 1, 0.939711, 0.775, 0.55, 0.325, 0.160289, 0.1, 0.05],
  ]);
  const half = [1, 0.952254, 0.827254, 0.672746, 0.547746];
  near(shares({ kind: 'cosineannealingwarmrestarts', cycles: 2, endShare: 0.5 }, 0, 9), [...half, ...half]);
});
