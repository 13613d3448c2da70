import * as op from '@monosema/engine';
import { evaluate, openEngine, type Engine } from '@monosema/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeTraced, encodeTraced } from '../architectures/reconstruct.ts';
import { lossRulesSchema } from '../config/loss-rules.ts';
import { optimiserRulesSchema } from '../config/optimiser-rules.ts';
import { inputsOf, parameterArrays, parameterInputs } from '../parameter-inputs.ts';
import { parameterNames } from '../sae.ts';
import { testConfig, testNumbers, testParameters } from '../sae.fixture.ts';
import { openProgramTrainer } from './program-trainer.ts';
import { openSparseTrainer } from './sparse-trainer.ts';
import type { Trainer } from './trainer.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

test('the sparse step takes the gradients that the engine derives from the architecture', async () => {
  const config = testConfig({ dIn: 9, dSae: 21, k: 4 });
  const batch = 13;
  const parameters = testParameters(config);
  const x = testNumbers(3)(batch * config.dIn);
  const traced = parameterInputs(config);
  const input = op.input('x', [batch, config.dIn]);
  const error = op.sub(decodeTraced(config, traced, encodeTraced(config, traced, input), input), input);
  const mse = op.mul(op.sum(op.square(error)), 1 / batch);
  const outputs = { mse, ...op.gradientsOf(mse, { ...traced }) };
  const expected = evaluate(
    { inputs: { x: input, ...inputsOf(traced) }, outputs },
    { x: { data: x, shape: [batch, config.dIn] }, ...parameterArrays({ config, parameters }) },
  );

  const optimiser = optimiserRulesSchema.parse({ clipNorm: null, decoderRows: 'unit' });
  const rules = lossRulesSchema.parse({});
  const trainer = await openSparseTrainer({ config, rules, optimiser, batch, threads: 2, parameters });
  const result = await trainer.step(x, { learningRate: 1e-3, dead: new Uint8Array(config.dSae), coefficient: 0 });
  const { m } = (await trainer.read()).optimiser; // after one step, a tenth of the gradient
  await trainer.close();
  expect(result.mse).toBeCloseTo(expected['mse']!.data[0]!, 5);
  for (const name of ['W_enc', 'b_enc', 'b_dec'] as const) {
    m[name]!.forEach((value, i) => expect(10 * value, `${name}[${i}]`).toBeCloseTo(expected[name]!.data[i]!, 4));
  }
});

test.each(['standard', 'gated', 'batchtopk', 'matryoshka_batchtopk', 'jumprelu', 'skip_transcoder'] as const)(
  'the step of %s keeps its state with the engine, agrees with float64, and goes on exactly',
  async (architecture) => {
    const config = testConfig({ architecture, dIn: 5, dSae: 12, widths: [3, 12] });
    const batch = 8;
    const parameters = testParameters(config);
    const reference = await openEngine({ engine: 'reference' });
    const next = testNumbers(4);
    const data = Array.from({ length: 4 }, () => next(batch * config.dIn));
    const target = next(batch * 4);
    const dead = Uint8Array.from({ length: 12 }, (_, latent) => Number(latent === 3));
    const step = { learningRate: 1e-2, dead, coefficient: 0.05, target };
    const rules = lossRulesSchema.parse({ jumpBandwidth: 0.5 });
    const optimiser = optimiserRulesSchema.parse({ clipNorm: 1, decoderRows: 'unit' });
    const train = async (on: Engine, batches: Float32Array[], from?: Awaited<ReturnType<Trainer['read']>>) => {
      const start = from ?? { parameters, optimiser: undefined };
      const trainer = await openProgramTrainer({
        ...{ engine: on, config, rules, optimiser, batch, parameters: start.parameters },
        ...(start.optimiser && { state: start.optimiser }),
      });
      for (const x of batches) await trainer.step(x, step);
      const state = await trainer.read();
      await trainer.close();
      return state;
    };
    const whole = await train(engine, data);
    const exact = await train(reference, data);
    for (const name of parameterNames(config))
      whole.parameters[name]!.forEach((value, i) => expect(value, name).toBeCloseTo(exact.parameters[name]![i]!, 4));
    expect(await train(engine, data.slice(2), await train(engine, data.slice(0, 2)))).toEqual(whole);
    const width = whole.parameters.W_dec.length / 12;
    for (let f = 0; f < config.dSae; f++)
      expect(Math.hypot(...whole.parameters.W_dec.subarray(f * width, (f + 1) * width))).toBeCloseTo(1, 5);
  },
);
