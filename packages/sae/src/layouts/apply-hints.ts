import { foldInputScale } from '../architectures/fold-input-scale.ts';
import { centredAt } from '../checkpoint/centred-at.ts';
import { SaeFormatError } from '../checkpoint/format-error.ts';
import { LoadNotes } from '../checkpoint/load-note.ts';
import { modelIdOf } from '../checkpoint/model-id.ts';
import { saeConfigSchema, type SaeConfig } from '../config/sae-config.ts';
import type { Sae } from '../sae.ts';
import { reshapeAt } from './assemble-sae.ts';
import type { LayoutHints } from './layout.ts';

/** Hints about the input, as fields of the contract or the config, and what notes call them. */
const fields = [
  { hint: 'modelId', note: 'model_name' },
  { hint: 'hookPoint', note: 'hook_name' },
  { hint: 'contextSize', note: 'context_size' },
  { hint: 'prependBos', note: 'prepend_bos' },
  { hint: 'excludedTokens', note: 'exclude_special_tokens' },
  { hint: 'hookPointOut', note: 'hook_name_out' },
  { hint: 'dataSetId', note: 'dataset_path' },
  { hint: 'sourceId', note: 'neuronpedia_id' },
] as const;
type Field = (typeof fields)[number]['hint'];

/**
 * The SAE with what was said beside its files: filled in where they left it open, corrected where they are known to be
 * wrong.
 *
 * @throws SaeFormatError when a hint contradicts the files, naming both
 */
export function applyHints(sae: Sae, hints: LayoutHints, notes: LoadNotes): Sae {
  checkSae(sae.config, hints);
  let { config } = sae;
  for (const { hint, note } of fields) {
    const correction = valueOf(hint, hints.corrections ?? {});
    const said = correction ?? valueOf(hint, hints);
    if (said === undefined) continue;
    const current = currentOf(hint, config);
    const open = current === undefined || notes.isOpen(note);
    if (isSame(current, said)) {
      notes.close(note);
    } else if (open || correction !== undefined) {
      notes.close(note);
      if (open) notes.add('hint', note, `${note} is ${JSON.stringify(said)}, as was said beside the files`);
      else notes.add('converted', note, `${note} ${JSON.stringify(current)} is corrected to ${JSON.stringify(said)}`);
      config = withField(config, hint, said);
    } else {
      throw new SaeFormatError(
        `${note} is ${JSON.stringify(current)} by the files, but ${JSON.stringify(said)} was said beside them`,
      );
    }
  }
  config = withNormalisation(config, hints, notes);
  return applyScale(applyCentring({ ...sae, config }, hints, notes), hints, notes);
}

function withNormalisation(config: SaeConfig, { corrections }: LayoutHints, notes: LoadNotes): SaeConfig {
  const normalisation = corrections?.normalisation ?? config.normalisation;
  if (normalisation === config.normalisation) return config;
  notes.close('normalize_activations');
  notes.add('converted', 'normalize_activations', `${config.normalisation} is corrected to ${normalisation}`);
  return { ...config, normalisation };
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Undefined where nothing is said. */
function valueOf(hint: Field, hints: LayoutHints): unknown {
  const value = hints[hint] ?? undefined;
  return hint === 'modelId' && typeof value === 'string' ? modelIdOf(value, new LoadNotes(), 'hint modelId') : value;
}

/** Undefined where the SAE says nothing, in whatever way it does. */
function currentOf(hint: Field, config: SaeConfig): unknown {
  const { contract } = config;
  switch (hint) {
    case 'hookPointOut':
      return 'dOut' in config ? (config.hookPointOut ?? undefined) : null;
    case 'dataSetId':
      return config.dataSetId ?? undefined;
    case 'sourceId':
      return config.sourceId ?? undefined;
    case 'excludedTokens':
      return contract.excludedTokens.length > 0 ? contract.excludedTokens : undefined;
    default:
      return contract[hint];
  }
}

function withField(config: SaeConfig, hint: Field, value: unknown): SaeConfig {
  const inConfig = hint === 'hookPointOut' || hint === 'dataSetId' || hint === 'sourceId';
  const changed = inConfig
    ? { ...config, [hint]: value }
    : { ...config, contract: { ...config.contract, [hint]: value } };
  const parsed = saeConfigSchema.safeParse(
    hint === 'hookPoint' ? { ...changed, reshape: reshapeAt(String(value)) } : changed,
  );
  if (!parsed.success) throw new SaeFormatError(`hint ${hint}: ${parsed.error.issues[0]!.message}`);
  return parsed.data;
}

function checkSae(config: SaeConfig, hints: LayoutHints): void {
  const { architecture, dIn, dSae, subtractDecoderBias } = config;
  const k = 'k' in config ? config.k : undefined;
  for (const [name, value] of Object.entries({ architecture, dIn, dSae, k, subtractDecoderBias })) {
    const said = hints[name as 'k' | 'architecture' | 'subtractDecoderBias'];
    if (said !== undefined && value !== undefined && said !== value)
      throw new SaeFormatError(`${name} is ${value} by the files, but ${said} was said beside them`);
  }
}

function applyCentring({ config, ...sae }: Sae, hints: LayoutHints, notes: LoadNotes): Sae {
  const centred = hints.corrections?.centred ?? hints.centred;
  if (centred === undefined || centred === config.centred) return { ...sae, config };
  if (!centred) {
    if (hints.corrections?.centred === undefined)
      throw new SaeFormatError('center_writing_weights is true by the files, but false was said beside them');
    notes.add('converted', 'center_writing_weights', 'the input is taken as it is, as a registry corrects the files');
    return { ...sae, config: { ...config, centred } };
  }
  const { hookPoint, modelId } = config.contract;
  return { ...sae, config: { ...config, centred: centredAt(hookPoint, modelId, notes) } };
}

function applyScale(sae: Sae, hints: LayoutHints, notes: LoadNotes): Sae {
  const isOpen = sae.config.normalisation === 'expected_average_only_in';
  const scale = hints.corrections?.inputScale ?? hints.inputScale ?? (isOpen ? hints.inputScaleIfOpen : undefined);
  // A layout that found the scale in its files has folded it in, and compared it with the hint.
  if (scale === undefined || notes.all.some(({ field }) => field === 'norm_scaling_factor')) return sae;
  notes.close('normalize_activations');
  notes.add('converted', 'norm_scaling_factor', `inputs were multiplied by ${scale}: folded into the weights`);
  return foldInputScale(sae, scale);
}
