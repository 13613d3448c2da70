import { openEngine, type Engine } from '@monosema/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { optimiserRulesSchema } from '../config/optimiser-rules.ts';
import { scheduleRulesSchema } from '../config/schedule-rules.ts';
import {
  lossName,
  maskOf,
  recorded,
  recordedConfig,
  recordedRules,
  recordedStart,
} from '../fixtures/saelens.fixture.ts';
import type { ParameterName } from '../sae.ts';
import { openProgramTrainer } from './program-trainer.ts';
import { coefficientAt, learningRateShare } from './schedule.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

const { batch, dSae, schedule } = recorded;
const cases = recorded.trajectories.map(
  (path) => [`${path.architecture} ${JSON.stringify(path.options)}`, path] as const,
);
test.each(cases)('ten steps end where the trainer of sae-lens ends: %s', async (_, path) => {
  const config = recordedConfig(path);
  const rules = recordedRules(path);
  const optimiser = optimiserRulesSchema.parse({});
  const trainer = await openProgramTrainer({
    engine,
    config,
    rules,
    optimiser,
    batch,
    parameters: recordedStart(config),
  });
  for (const [i, step] of path.steps.entries()) {
    const rates = scheduleRulesSchema.parse({ warmUpSteps: schedule.warmUp, decaySteps: schedule.decay });
    const learningRate = schedule.learningRate * learningRateShare(rates, i, path.steps.length);
    const coefficient = coefficientAt(rules.sparsityCoefficient, rules.sparsityWarmUpSteps, i);
    expect(learningRate).toBeCloseTo(step.learningRate, 10);
    if (step.coefficient !== undefined) expect(coefficient).toBeCloseTo(step.coefficient, 10);
    const x = Float32Array.from(recorded.batches[i]!);
    const result = await trainer.step(x, { learningRate, coefficient, dead: maskOf(step.dead, dSae) });
    const losses: Record<string, number> = { mse: result.mse, ...result.parts };
    for (const [name, value] of Object.entries(step.losses))
      expect(Math.abs(losses[lossName(name)]! - value), `step ${i}: ${name}`).toBeLessThan(1e-4 * Math.max(1, value));
  }
  const { parameters } = await trainer.read();
  await trainer.close();
  for (const [name, values] of Object.entries(path.end))
    values.forEach((value, i) => {
      // sae-lens lets a threshold below 0 until the next step.
      const wanted = name === 'threshold' ? Math.max(0, value) : value;
      expect(Math.abs(parameters[name as ParameterName]![i]! - wanted), `${name}[${i}]`).toBeLessThan(1e-4);
    });
  if (path.topk_threshold !== undefined) expect(parameters.topk_threshold![0]).toBeCloseTo(path.topk_threshold, 5);
});
