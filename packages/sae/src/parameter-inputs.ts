import * as op from '@monosema/engine';
import type { Arrays, Traced, TracedRecord } from '@monosema/engine';
import type { TracedParameters } from './architectures/architecture.ts';
import type { SaeConfig } from './config/sae-config.ts';
import { parameter, parameterShapes, type ParameterName, type Sae } from './sae.ts';

/** Names of an SAE's parameters among a program's inputs, apart from those of a model's weights. */
const inputName = (name: ParameterName): string => `sae.${name}`;

const shapesOf = (config: SaeConfig) => Object.entries(parameterShapes(config)) as [ParameterName, readonly number[]][];

/** Program inputs for the parameters of an SAE, named `sae.W_enc` and so on. */
export function parameterInputs(config: SaeConfig): TracedParameters {
  const inputs: Partial<Record<ParameterName, Traced>> = Object.fromEntries(
    shapesOf(config).map(([name, shape]) => [name, op.input(inputName(name), shape)]),
  );
  const { W_enc, W_dec, b_dec } = inputs;
  if (!W_enc || !W_dec || !b_dec) throw new Error(`${config.architecture} lacks W_enc, W_dec or b_dec`);
  return { ...inputs, W_enc, W_dec, b_dec };
}

/** The same as a program lists them. */
export const inputsOf = (parameters: TracedParameters): TracedRecord =>
  Object.fromEntries(Object.entries(parameters).map(([name, traced]) => [inputName(name as ParameterName), traced]));

/** The arrays to bind to these inputs. */
export const parameterArrays = (sae: Sae): Arrays =>
  Object.fromEntries(
    shapesOf(sae.config).map(([name, shape]) => [inputName(name), { data: parameter(sae, name), shape }]),
  );
