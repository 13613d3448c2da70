import { SaeFormatError } from '../checkpoint/format-error.ts';
import type { LoadNotes } from '../checkpoint/load-note.ts';
import { modelIdOf } from '../checkpoint/model-id.ts';
import { saeConfigSchema, type ArchitectureName, type Normalisation, type SaeConfig } from '../config/sae-config.ts';
import { parameterShapes, type Sae, type SaeParameters } from '../sae.ts';
import type { SaidOfInput } from './layout.ts';

/** Fields of a config beside its contract, flat over all architectures: which ones fit together is checked when it is made. */
export interface SaeFields {
  architecture: ArchitectureName;
  dIn: number;
  dSae: number;
  dOut?: number;
  subtractDecoderBias?: boolean;
  normalisation?: Normalisation;
  centred?: boolean;
  dtype?: SaeConfig['dtype'];
  k?: number;
  signed?: boolean;
  kept?: number | null;
  widths?: readonly number[];
  metadata?: Record<string, unknown>;
}

export interface SaeParts {
  /** What is left out takes its default silently. */
  config: SaeFields;
  /** What the files say of the input. */
  says: SaidOfInput;
  /** In SAELens orientation. */
  parameters: SaeParameters;
  /** What errors call the file that the config comes from. */
  file: string;
}

/** The name of what nobody names. */
export const unknownName = 'unknown';

/**
 * An SAE from what a layout read. What the files leave open of the input is noted, for hints to fill.
 *
 * @throws SaeFormatError naming the field or the parameter that does not fit
 * @example assembleSae({ config: { architecture: 'topk', dIn, dSae, k }, says: { hookPoint }, parameters, file }, notes)
 */
export function assembleSae({ config, says, parameters, file }: SaeParts, notes: LoadNotes): Sae {
  const hookPoint = says.hookPoint ?? unknownName;
  if (!says.modelId) notes.add('unknown', 'model_name', 'nobody says which model it is for');
  if (!says.hookPoint) notes.add('unknown', 'hook_name', 'nobody says at which hook point it reads');
  const whole = {
    ...config,
    ...{ dataSetId: says.dataSetId ?? null, sourceId: says.sourceId ?? null, reshape: reshapeAt(hookPoint) },
    ...('dOut' in config && { hookPointOut: says.hookPointOut ?? null }),
    contract: {
      ...{ modelId: says.modelId ? modelIdOf(says.modelId, notes, file) : unknownName, hookPoint, dIn: config.dIn },
      contextSize: notes.orDefault('context_size', says.contextSize, 128),
      prependBos: notes.orDefault('prepend_bos', says.prependBos, true),
      excludedTokens: [...(says.excludedTokens ?? [])],
    },
  };
  const parsed = saeConfigSchema.safeParse(whole);
  if (!parsed.success) {
    const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'SAE'}: ${message}`);
    throw new SaeFormatError(`${file}: ${issues.join('; ')}`);
  }
  checkParameters(parsed.data, parameters, file);
  return { config: parsed.data, parameters };
}

/** The value of hook_z is of several heads, which SAEs take one after the other. */
export const reshapeAt = (hookPoint: string): SaeConfig['reshape'] =>
  hookPoint.includes('hook_z') ? 'hook_z' : 'none';

function checkParameters(config: SaeConfig, parameters: SaeParameters, file: string): void {
  const shapes: Record<string, readonly number[]> = { ...parameterShapes(config) };
  const arrays: Record<string, Float32Array> = { ...parameters };
  for (const name of new Set([...Object.keys(shapes), ...Object.keys(arrays)])) {
    const wanted = shapes[name]?.reduce((product, size) => product * size, 1);
    if (arrays[name]?.length !== wanted)
      throw new SaeFormatError(
        `${file}: ${name} has ${arrays[name]?.length ?? 'no'} numbers, but a ${config.architecture} SAE has ${wanted ?? 'none'}`,
      );
  }
}
