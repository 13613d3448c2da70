import * as op from '@monosema/engine';
import { evaluate, openEngine, type Engine } from '@monosema/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeTraced, encodeTraced } from '../architectures.ts';
import { inputsOf, parameterArrays, parameterInputs } from '../parameter-inputs.ts';
import { parameterNames } from '../sae.ts';
import { testConfig, testNumbers, testParameters } from '../sae.fixture.ts';
import { openStandardTrainer } from './standard-trainer.ts';
import { openTopKTrainer } from './topk-trainer.ts';

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
  const error = op.sub(decodeTraced(traced, encodeTraced(config, traced, input)), input);
  const mse = op.mul(op.sum(op.square(error)), 1 / batch);
  const outputs = { mse, ...op.gradientsOf(mse, traced) };
  const expected = evaluate(
    { inputs: { x: input, ...inputsOf(traced) }, outputs },
    { x: { data: x, shape: [batch, config.dIn] }, ...parameterArrays({ config, parameters }) },
  );

  const trainer = await openTopKTrainer(config, batch, 2, parameters, undefined);
  const result = await trainer.step(x, { learningRate: 1e-3, dead: new Uint8Array(config.dSae), l1Coefficient: 0 });
  const { m } = (await trainer.read()).optimiser; // after one step, a tenth of the gradient
  await trainer.close();
  expect(result.mse).toBeCloseTo(expected.mse!.data[0]!, 5);
  for (const name of ['W_enc', 'b_enc', 'b_dec'] as const) {
    m[name].forEach((value, i) => expect(10 * value, `${name}[${i}]`).toBeCloseTo(expected[name]!.data[i]!, 4));
  }
});

test('the standard step keeps its state with the engine, agrees with float64, and goes on exactly', async () => {
  const config = testConfig({ architecture: 'standard', dIn: 5, dSae: 12 });
  const batch = 8;
  const parameters = testParameters(config);
  const reference = await openEngine({ engine: 'reference' });
  const next = testNumbers(4);
  const data = Array.from({ length: 4 }, () => next(batch * config.dIn));
  const options = { learningRate: 1e-2, dead: new Uint8Array(config.dSae), l1Coefficient: 0.05 };
  const train = async (on: Engine, batches: Float32Array[], from?: Awaited<ReturnType<typeof read>>) => {
    const trainer = await openStandardTrainer(on, config, batch, from?.parameters ?? parameters, from?.optimiser);
    for (const x of batches) await trainer.step(x, options);
    const state = await read(trainer);
    await trainer.close();
    return state;
  };
  const read = (trainer: Awaited<ReturnType<typeof openStandardTrainer>>) => trainer.read();
  const whole = await train(engine, data);
  const exact = await train(reference, data);
  for (const name of parameterNames)
    whole.parameters[name].forEach((value, i) => expect(value).toBeCloseTo(exact.parameters[name][i]!, 4));
  expect(await train(engine, data.slice(2), await train(engine, data.slice(0, 2)))).toEqual(whole);
  for (let f = 0; f < config.dSae; f++)
    expect(Math.hypot(...whole.parameters.W_dec.subarray(f * 5, f * 5 + 5))).toBeCloseTo(1, 5);
});
