import type { z } from 'zod';
import { saeConfigSchema, type SaeConfig } from '../config/sae-config.ts';
import { centredAt } from './centred-at.ts';
import { SaeFormatError } from './format-error.ts';
import { fromLegacyConfig, isLegacy } from './legacy-config.ts';
import { LoadNotes } from './load-note.ts';
import { modelIdOf } from './model-id.ts';
import { saelensConfigSchema, type SaelensConfig } from './saelens-schema.ts';

type Fields = Record<string, unknown>;
type Metadata = SaelensConfig['metadata'];

export interface ReadConfig {
  config: SaeConfig;
  layout: 'saelens-6' | 'saelens-5';
  /** Whether features are multiplied by a tensor `scaling_factor` when decoded, where there is one; SAELens 5 and older. */
  scaled: boolean;
}

/**
 * The config of a cfg.json text: SAELens 6, or 5 and older.
 * @throws SaeFormatError naming the field and what is allowed
 */
export function readSaelensConfig(text: string, notes = new LoadNotes()): ReadConfig {
  const json = parseObject(text);
  const legacy = isLegacy(json);
  const file = check(saelensConfigSchema, legacy ? fromLegacyConfig(json, notes) : json);
  const config = check(saeConfigSchema, configOf(file, notes));
  return { config, layout: legacy ? 'saelens-5' : 'saelens-6', scaled: file.finetuning_scaling_factor ?? legacy };
}

function parseObject(text: string): Fields {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json && !Array.isArray(json)) return json as Fields;
  } catch (error) {
    throw new SaeFormatError(`cfg.json is not JSON: ${(error as Error).message}`);
  }
  throw new SaeFormatError('cfg.json: holds no object');
}

function configOf(file: SaelensConfig, notes: LoadNotes): Fields {
  const { metadata, d_in: dIn } = file;
  const isTranscoder = 'd_out' in file;
  const contract = contractOf(file, notes);
  return {
    ...architectureOf(file),
    ...{ dIn, dSae: file.d_sae, contract, dtype: dtypeOf(file, notes) },
    subtractDecoderBias: notes.orDefault('apply_b_dec_to_input', file.apply_b_dec_to_input, !isTranscoder),
    normalisation: notes.orDefault('normalize_activations', file.normalize_activations, 'none'),
    reshape: notes.orDefault('reshape_activations', file.reshape_activations, 'none'),
    centred: isCentred(metadata, contract, notes),
    ...('k' in file && { k: file.k }),
    ...('rescale_acts_by_decoder_norm' in file && { rescaleByDecoderNorm: file.rescale_acts_by_decoder_norm }),
    ...('matryoshka_widths' in file && { widths: file.matryoshka_widths }),
    ...(isTranscoder && { dOut: file.d_out, hookPointOut: metadata.hook_name_out ?? null }),
    dataSetId: metadata.dataset_path ?? null,
    sourceId: sourceOf(metadata),
    metadata: unusedMetadata(metadata, contract),
  };
}

/** Architectures of theirs that are a kind of another one here; three of the names are ours (see write-saelens-config.ts). */
function architectureOf(file: SaelensConfig): Fields {
  if (file.architecture === 'abstopk') return { architecture: 'topk', signed: true };
  if (file.architecture === 'standard_tanh_relu') return { architecture: 'standard', activation: 'tanh-relu' };
  if (file.architecture === 'topk_transcoder') return { architecture: 'transcoder', kept: file.k };
  if (file.architecture === 'topk_skip_transcoder') return { architecture: 'skip_transcoder', kept: file.k };
  return { architecture: file.architecture };
}

function dtypeOf({ dtype }: SaelensConfig, notes: LoadNotes): string {
  if (dtype === 'float64') notes.add('converted', 'dtype', 'float64 is read as float32');
  return dtype === 'float64' ? 'float32' : notes.orDefault('dtype', dtype, 'float32');
}

function contractOf({ metadata, d_in: dIn }: SaelensConfig, notes: LoadNotes) {
  const { model_name, hook_name, exclude_special_tokens: excluded } = metadata;
  if (!model_name) notes.add('unknown', 'model_name', 'nobody says which model it is for');
  if (!hook_name) notes.add('unknown', 'hook_name', 'nobody says at which hook point it reads');
  if (excluded === true)
    notes.add('unknown', 'exclude_special_tokens', 'excludes the special tokens of its model, which it does not name');
  return {
    modelId: modelIdOf(model_name ?? 'unknown', notes),
    hookPoint: hook_name ?? 'unknown',
    dIn,
    contextSize: notes.orDefault('context_size', metadata.context_size, 128),
    prependBos: notes.orDefault('prepend_bos', metadata.prepend_bos, true),
    excludedTokens: Array.isArray(excluded) ? excluded : [],
  };
}

/** gpt2-small/8-res-jb -> 8-res-jb */
const sourceOf = ({ neuronpedia_id: id }: Metadata): string | null => id?.split('/').slice(1).join('/') || null;

/** Some SAEs read a model whose writing weights were centred (SAELens #279). */
function isCentred(
  { model_from_pretrained_kwargs: kwargs }: Metadata,
  { hookPoint, modelId }: ReturnType<typeof contractOf>,
  notes: LoadNotes,
): boolean {
  return kwargs?.['center_writing_weights'] === true && centredAt(hookPoint, modelId, notes);
}

/** What of the metadata is not said by the config itself. */
function unusedMetadata(metadata: Metadata, contract: ReturnType<typeof contractOf>): Fields {
  const said: Fields = {
    model_name: contract.modelId,
    hook_name: contract.hookPoint,
    context_size: contract.contextSize,
    prepend_bos: contract.prependBos,
    exclude_special_tokens: contract.excludedTokens,
    dataset_path: metadata.dataset_path,
    hook_name_out: metadata.hook_name_out,
    hook_head_index: null,
    neuronpedia_id: sourceOf(metadata) === null ? null : `${contract.modelId}/${sourceOf(metadata)}`,
  };
  return Object.fromEntries(
    Object.entries(metadata).filter(([name, value]) => !(name in said) || !isSame(said[name], value)),
  );
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function check<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'file'}: ${message}`);
  throw new SaeFormatError(`cfg.json: ${issues.join('; ')}`);
}
