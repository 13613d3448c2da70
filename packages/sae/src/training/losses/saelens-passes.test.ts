import * as op from '@monosema/engine';
import { evaluate } from '@monosema/engine';
import { expect, test } from 'vitest';
import {
  lossName,
  maskOf,
  recorded,
  recordedConfig,
  recordedRules,
  recordedStart,
} from '../../fixtures/saelens.fixture.ts';
import { inputsOf, parameterArrays } from '../../parameter-inputs.ts';
import { trainedParameters } from '../program/adam.ts';
import { tracePass } from '../program/step-program.ts';

const { dIn, dSae, batch } = recorded;
const cases = recorded.passes.map(
  (pass) => [`${pass.architecture} ${JSON.stringify(pass.options)}, ${pass.dead.length} dead`, pass] as const,
);

/** Within 1e-5 of the largest of the values that sae-lens has. */
function expectClose(what: string, actual: ArrayLike<number>, wanted: readonly number[]): void {
  const tolerance = 1e-5 * Math.max(1e-3, ...wanted.map(Math.abs));
  expect(actual.length, what).toBe(wanted.length);
  wanted.forEach((value, i) =>
    expect(Math.abs(actual[i]! - value), `${what}[${i}] ${actual[i]} ${value}`).toBeLessThan(tolerance),
  );
}

test.each(cases)('codes, losses and gradients are those of sae-lens: %s', (_, pass) => {
  const config = recordedConfig(pass);
  const { parameters, inputs, pass: traced, loss } = tracePass({ config, rules: recordedRules(pass), batch });
  const program = {
    inputs: { ...inputs, ...inputsOf(parameters) },
    outputs: {
      codes: traced.codes,
      reconstruction: traced.reconstruction,
      loss,
      ...Object.fromEntries(Object.entries(traced.losses).map(([name, value]) => [`loss.${name}`, value])),
      ...op.gradientsOf(loss, trainedParameters(parameters)),
    },
  };
  const { target, ...own } = program.inputs;
  expect(target).toBe(inputs.x);
  const out = evaluate(
    { ...program, inputs: own },
    {
      x: { data: recorded.x, shape: [batch, dIn] },
      dead: { data: maskOf(pass.dead, dSae), shape: [dSae] },
      coefficient: { data: [pass.coefficient], shape: [] },
      ...parameterArrays({ config, parameters: recordedStart(config) }),
    },
  );
  expectClose('codes', out['codes']!.data, pass.codes);
  expectClose('reconstruction', out['reconstruction']!.data, pass.reconstruction);
  expectClose('loss', out['loss']!.data, [pass.loss]);
  for (const [name, value] of Object.entries(pass.losses))
    expectClose(name, out[`loss.${lossName(name)}`]!.data, [value]);
  for (const [name, gradient] of Object.entries(pass.gradients)) expectClose(name, out[name]!.data, gradient);
});
