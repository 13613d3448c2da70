import * as op from '@monosema/engine';
import type { Arrays, TracedRecord } from '@monosema/engine';
import type { TracedParameters } from './architectures.ts';
import { parameterNames, parameterShapes, type ParameterName, type Sae } from './sae.ts';

/** Names of an SAE's parameters among a program's inputs, apart from those of a model's weights. */
const inputName = (name: ParameterName): string => `sae.${name}`;

/** Program inputs for the parameters of an SAE, named `sae.W_enc` and so on. */
export function parameterInputs(config: Sae['config']): TracedParameters {
  const shapes = parameterShapes(config);
  const input = (name: ParameterName): op.Traced => op.input(inputName(name), shapes[name]);
  return { W_enc: input('W_enc'), b_enc: input('b_enc'), W_dec: input('W_dec'), b_dec: input('b_dec') };
}

/** The same as a program lists them. */
export const inputsOf = (parameters: TracedParameters): TracedRecord =>
  Object.fromEntries(parameterNames.map((name) => [inputName(name), parameters[name]]));

/** The arrays to bind to these inputs. */
export function parameterArrays({ config, parameters }: Sae): Arrays {
  const shapes = parameterShapes(config);
  return Object.fromEntries(
    parameterNames.map((name) => [inputName(name), { data: parameters[name], shape: shapes[name] }]),
  );
}
