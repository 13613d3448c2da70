import { openEngine, type Engine } from '@monosema/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lossRulesSchema, type LossRulesInput } from '../config/loss-rules.ts';
import { optimiserRulesSchema, type OptimiserRulesInput } from '../config/optimiser-rules.ts';
import { scheduleRulesSchema } from '../config/schedule-rules.ts';
import {
  lossName,
  maskOf,
  recorded,
  recordedConfig,
  recordedRules,
  recordedStart,
} from '../fixtures/saelens.fixture.ts';
import { parameterNames, type ParameterName } from '../sae.ts';
import { testConfig, testNumbers, testParameters } from '../sae.fixture.ts';
import { trainingSettingsSchema } from '../config/training-settings.ts';
import { openTrainer } from './open-trainer.ts';
import { openProgramTrainer } from './program-trainer.ts';
import { learningRateShare } from './schedule.ts';
import { hasSparseStep, openSparseTrainer, type SparseConfig } from './sparse-trainer.ts';
import type { Trainer } from './trainer.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

const sizes = { dIn: 9, dSae: 21 };
const unit: OptimiserRulesInput = { clipNorm: null, decoderRows: 'unit' };
const cases: [string, SparseConfig, LossRulesInput, OptimiserRulesInput][] = [
  ['TopK as the house trains it', testConfig({ ...sizes, k: 4 }), { auxCoefficient: 1 / 32 }, unit],
  ['TopK as SAELens trains it', testConfig({ ...sizes, k: 4, rescaleByDecoderNorm: true }), {}, {}],
  [
    'BatchTopK',
    testConfig({ ...sizes, architecture: 'batchtopk', k: 3.3, subtractDecoderBias: false }),
    { thresholdRate: 0.2 },
    { beta1: 0 },
  ],
  [
    'Matryoshka',
    testConfig({
      ...sizes,
      architecture: 'matryoshka_batchtopk',
      k: 4,
      widths: [5, 11, 21],
      rescaleByDecoderNorm: true,
    }),
    { auxCoefficient: 0.5 },
    { clipNorm: 0.3 },
  ],
];
test.each(cases)('%s takes the same steps by kernels and by program', async (_, config, rulesInput, optimiserInput) => {
  const batch = 13;
  const parameters = testParameters(config);
  if (optimiserInput.decoderRows !== 'unit')
    parameters.W_dec.forEach((value, i, all) => (all[i] = value * (1 + i / 99)));
  const next = testNumbers(8);
  const data = Array.from({ length: 4 }, () => next(batch * config.dIn));
  const dead = Uint8Array.from({ length: config.dSae }, (_, latent) => Number(latent % 7 === 0));
  const rules = lossRulesSchema.parse(rulesInput);
  const optimiser = optimiserRulesSchema.parse(optimiserInput);
  expect(hasSparseStep(config, rules, batch)).toBe(true);
  const common = { config, rules, optimiser, batch };
  const walk = async (trainer: Trainer, batches: Float32Array[]) => {
    const losses = [];
    for (const x of batches) losses.push(await trainer.step(x, { learningRate: 1e-2, dead, coefficient: 0 }));
    const state = await trainer.read();
    await trainer.close();
    return { losses, ...state };
  };
  const kernels = await walk(await openSparseTrainer({ ...common, threads: 2, parameters }), data);
  const program = await walk(await openProgramTrainer({ ...common, engine, parameters }), data);
  kernels.losses.forEach(({ mse, parts, l0, fired }, i) => {
    const wanted = program.losses[i]!;
    expect(mse / wanted.mse).toBeCloseTo(1, 5);
    expect(Object.keys(parts).sort()).toEqual(Object.keys(wanted.parts).sort());
    for (const [name, value] of Object.entries(parts)) expect(value, name).toBeCloseTo(wanted.parts[name]!, 4);
    expect(l0).toBeCloseTo(wanted.l0, 5);
    expect([...Array.from(fired)].map(Boolean)).toEqual(Array.from(wanted.fired).map(Boolean));
  });
  for (const name of parameterNames(config))
    program.parameters[name]!.forEach((value, i) => expect(value, name).toBeCloseTo(kernels.parameters[name]![i]!, 4));

  const half = await walk(await openSparseTrainer({ ...common, threads: 1, parameters }), data.slice(0, 2));
  const resumed = { ...common, threads: 2, parameters: half.parameters, state: half.optimiser };
  const rest = await walk(await openSparseTrainer(resumed), data.slice(2));
  expect(rest.parameters).toEqual(kernels.parameters);
  expect(rest.optimiser).toEqual(kernels.optimiser);
});

const paths = recorded.trajectories
  .filter((path) => hasSparseStep(recordedConfig(path), recordedRules(path), recorded.batch))
  .map((path) => [`${path.architecture} ${JSON.stringify(path.options)}`, path] as const);

test('sae-lens walked with all three kinds', () => {
  expect(new Set(paths.map(([, path]) => path.architecture))).toEqual(
    new Set(['topk', 'batchtopk', 'matryoshka_batchtopk']),
  );
});

test.each(paths)('ten steps of the kernels end where the trainer of sae-lens ends: %s', async (_, path) => {
  const config = recordedConfig(path) as SparseConfig;
  const rules = recordedRules(path);
  const { batch, dSae, schedule, batches } = recorded;
  const common = { config, rules, batch, optimiser: optimiserRulesSchema.parse({}) };
  const trainer = await openSparseTrainer({ ...common, threads: 2, parameters: recordedStart(config) });
  const rates = scheduleRulesSchema.parse({ warmUpSteps: schedule.warmUp, decaySteps: schedule.decay });
  for (const [i, step] of path.steps.entries()) {
    const learningRate = schedule.learningRate * learningRateShare(rates, i, path.steps.length);
    const options = { learningRate, coefficient: 0, dead: maskOf(step.dead, dSae) };
    const { mse, parts } = await trainer.step(Float32Array.from(batches[i]!), options);
    const losses: Record<string, number> = { mse, ...parts };
    for (const [name, value] of Object.entries(step.losses))
      expect(Math.abs(losses[lossName(name)]! - value), `step ${i}: ${name}`).toBeLessThan(1e-4 * Math.max(1, value));
  }
  const { parameters } = await trainer.read();
  await trainer.close();
  for (const [name, values] of Object.entries(path.end))
    values.forEach((value, i) =>
      expect(Math.abs(parameters[name as ParameterName]![i]! - value), `${name}[${i}]`).toBeLessThan(1e-4),
    );
  if (path.topk_threshold !== undefined) expect(parameters.topk_threshold![0]).toBeCloseTo(path.topk_threshold, 5);
});

test('what the kernels do not do is left to the program', () => {
  const rules = lossRulesSchema.parse({});
  const batch = 4;
  expect(hasSparseStep(testConfig({ architecture: 'standard' }), rules, batch)).toBe(false);
  expect(hasSparseStep(testConfig({ normalisation: 'layer_norm' }), rules, batch)).toBe(false);
  expect(hasSparseStep(testConfig({ centred: true }), rules, batch)).toBe(false);
  expect(hasSparseStep(testConfig({ signed: true }), rules, batch)).toBe(false);
  expect(hasSparseStep(testConfig({ architecture: 'batchtopk', k: 0.2 }), rules, batch)).toBe(false);
  const levels = testConfig({ architecture: 'matryoshka_batchtopk', dSae: 8, widths: [2, 8] });
  expect(hasSparseStep(levels, { ...rules, auxPerLevel: true }, batch)).toBe(false);
  expect(hasSparseStep(levels, rules, batch)).toBe(true);
  expect(hasSparseStep(testConfig({ dIn: 4096, dSae: 65_536 }), rules, batch)).toBe(false); // 6.4 GB of weights and moments
});

test('on a graphics card the program trains, and elsewhere the kernels', async () => {
  const config = testConfig(sizes);
  const plan = {
    ...{ config, settings: trainingSettingsSchema.parse({}), request: { batchTokens: 4 } },
  } as unknown as Parameters<typeof openTrainer>[1];
  const compiled = (name: Engine['name']): Promise<string> => {
    const compile = () => Promise.reject(new Error('compiled'));
    const pretended = { ...engine, name, threads: 1, compile } as unknown as Engine;
    return openTrainer({ engine: pretended }, plan, testParameters(config), undefined).then(
      (trainer) => trainer.close().then(() => 'kernels'),
      (error: Error) => error.message,
    );
  };
  expect(await compiled('onnx-cuda')).toBe('compiled');
  expect(await compiled('tfjs-gpu')).toBe('compiled');
  expect(await compiled('onnx-cpu')).toBe('kernels');
});
