import { readSafetensors, writeSafetensors, type NamedArrays } from '@monosema/formats';
import { parameterNames, parameterShapes, type ParameterName, type Sae, type SaeParameters } from '../sae.ts';
import { SaeFormatError } from './format-error.ts';
import { fromSaelensConfig, toSaelensConfig } from './saelens-config.ts';

/** Files by name. */
export type Files = Record<string, Uint8Array>;
export const configFile = 'cfg.json';
export const weightsFile = 'sae_weights.safetensors';

/**
 * The files of an SAE, SAELens layout: `cfg.json` and `sae_weights.safetensors`. The same SAE gives the same bytes.
 *
 * @example await writeFile('cfg.json', saveSae(sae)['cfg.json'])
 */
export function saveSae(sae: Sae): Files {
  const shapes = parameterShapes(sae.config);
  const arrays: NamedArrays = Object.fromEntries(
    parameterNames.map((name) => [name, { data: sae.parameters[name], shape: shapes[name] }]),
  );
  const config = `${JSON.stringify(toSaelensConfig(sae.config), null, 2)}\n`;
  return { [configFile]: new TextEncoder().encode(config), [weightsFile]: writeSafetensors(arrays) };
}

/**
 * Reads an SAE of SAELens 6 layout (architectures topk and standard). Strict: an unknown, missing or misshapen tensor
 * is an error, as is a field whose meaning would be lost. Other files beside the two are left alone.
 *
 * @throws SaeFormatError, or FormatError for broken safetensors
 * @example const sae = loadSae({ 'cfg.json': config, 'sae_weights.safetensors': weights })
 */
export function loadSae(files: Files): Sae {
  const config = fromSaelensConfig(new TextDecoder().decode(fileNamed(files, configFile)));
  return {
    config,
    parameters: parametersOf(readSafetensors(fileNamed(files, weightsFile)), parameterShapes(config), weightsFile),
  };
}

export function fileNamed(files: Files, name: string): Uint8Array {
  const file = files[name];
  if (!file) throw new SaeFormatError(`${name} is missing; there is ${Object.keys(files).join(', ') || 'no file'}`);
  return file;
}

/** Checks that the tensors are exactly the parameters. */
export function parametersOf(
  tensors: NamedArrays,
  shapes: Record<ParameterName, readonly number[]>,
  file: string,
): SaeParameters {
  const unknown = Object.keys(tensors).filter((name) => !(parameterNames as readonly string[]).includes(name));
  if (unknown.length > 0)
    throw new SaeFormatError(`${file}: unknown tensor ${unknown.join(', ')}; known are ${parameterNames.join(', ')}`);
  const read = (name: ParameterName): Float32Array => {
    const tensor = tensors[name];
    if (!tensor) throw new SaeFormatError(`${file}: tensor ${name} is missing`);
    if (tensor.shape.join() !== shapes[name].join())
      throw new SaeFormatError(
        `${file}: ${name} has shape [${tensor.shape.join(', ')}], but cfg.json needs [${shapes[name].join(', ')}]`,
      );
    if (!(tensor.data instanceof Float32Array))
      throw new SaeFormatError(`${file}: ${name} holds whole numbers, not floats`);
    return tensor.data;
  };
  return { W_enc: read('W_enc'), b_enc: read('b_enc'), W_dec: read('W_dec'), b_dec: read('b_dec') };
}
