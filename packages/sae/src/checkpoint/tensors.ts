import type { NamedArray, NamedArrays } from '@monosema/formats';
import type { SaeConfig } from '../config/sae-config.ts';
import { mapParameters, parameterShapes, type SaeParameters } from '../sae.ts';
import { SaeFormatError } from './format-error.ts';
import type { LoadNotes } from './load-note.ts';

/**
 * Checks that the tensors are exactly the parameters of the config.
 * @throws SaeFormatError naming the tensors, and the shapes
 */
export function parametersOf(tensors: NamedArrays, config: SaeConfig, file: string): SaeParameters {
  const shapes = parameterShapes(config);
  const unknown = Object.keys(tensors).filter((name) => !Object.hasOwn(shapes, name));
  if (unknown.length > 0)
    throw new SaeFormatError(
      `${file}: unknown tensor ${unknown.join(', ')}; a ${config.architecture} SAE has ${Object.keys(shapes).join(', ')}`,
    );
  const missing = Object.keys(shapes).filter((name) => !Object.hasOwn(tensors, name));
  if (missing.length > 0) throw new SaeFormatError(`${file}: tensor ${missing.join(', ')} is missing`);
  return mapParameters(config, (name, shape) => {
    const tensor = tensors[name]!;
    if (tensor.shape.join() !== shape.join())
      throw new SaeFormatError(
        `${file}: ${name} has shape [${tensor.shape.join(', ')}], but cfg.json needs [${shape.join(', ')}]`,
      );
    if (!(tensor.data instanceof Float32Array))
      throw new SaeFormatError(`${file}: ${name} holds whole numbers, not floats`);
    return tensor.data;
  });
}

/** The tensors of a weights file in today's terms: older ones hold logarithms, and factors that v6 no longer has. */
export function modernTensors(
  tensors: NamedArrays,
  { config, scaled }: { config: SaeConfig; scaled: boolean },
  notes: LoadNotes,
): NamedArrays {
  // Before SAELens 3 the factor had the shorter name.
  const {
    log_threshold: logarithm,
    scaling_factor,
    finetuning_scaling_factor: factor = scaling_factor,
    ...rest
  } = tensors;
  if (scaling_factor && factor !== scaling_factor)
    throw new SaeFormatError('there is a scaling_factor and a finetuning_scaling_factor');
  const out: NamedArrays = { ...rest };
  if (logarithm) {
    if (out['threshold'] || !('threshold' in parameterShapes(config)))
      throw new SaeFormatError(`unknown tensor log_threshold beside ${Object.keys(rest).join(', ')}`);
    notes.add('converted', 'log_threshold', 'threshold is exp(log_threshold)');
    out['threshold'] = { ...logarithm, data: Float32Array.from(logarithm.data, Math.exp) };
  }
  if (factor) {
    const decoder = out['W_dec'];
    if (!decoder) throw new SaeFormatError('tensor W_dec is missing');
    out['W_dec'] = scaledDecoder(decoder, factor, { config, scaled }, notes);
  }
  return out;
}

/** Finetuned SAEs of SAELens 3 to 5 multiply features when they are decoded: the same as multiplying decoder rows. */
function scaledDecoder(
  decoder: NamedArray,
  factor: NamedArray,
  { config, scaled }: { config: SaeConfig; scaled: boolean },
  notes: LoadNotes,
): NamedArray {
  if (factor.data.length !== config.dSae)
    throw new SaeFormatError(`scaling_factor has ${factor.data.length} values, but d_sae is ${config.dSae}`);
  if (factor.data.every((value) => Math.abs(value - 1) < 1e-5)) {
    notes.add('converted', 'scaling_factor', 'scaling_factor is 1 everywhere and left out');
    return decoder;
  }
  if (!scaled) throw new SaeFormatError('there is a scaling_factor, but cfg.json says finetuning_scaling_factor false');
  notes.add('converted', 'scaling_factor', 'scaling_factor is multiplied into the rows of W_dec');
  const width = decoder.data.length / config.dSae;
  const data = Float32Array.from(decoder.data, (value, i) => value * factor.data[Math.floor(i / width)]!);
  return { ...decoder, data };
}
