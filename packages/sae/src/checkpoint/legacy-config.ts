import { SaeFormatError } from './format-error.ts';
import type { LoadNotes } from './load-note.ts';

type Fields = Record<string, unknown>;

/** Names of mats_sae_training and SAELens 1 to 3; the last one is SAELens 5's own. */
const renames: Readonly<Record<string, string>> = {
  hook_point: 'hook_name',
  hook_point_layer: 'hook_layer',
  hook_point_head_index: 'hook_head_index',
  activation_fn_str: 'activation_fn',
};

/** Fields about the model and the data, which SAELens 6 keeps under `metadata`. */
const metadataFields = [
  ...['model_name', 'model_class_name', 'hook_name', 'hook_head_index', 'model_from_pretrained_kwargs', 'prepend_bos'],
  ...['exclude_special_tokens', 'neuronpedia_id', 'context_size', 'seqpos_slice', 'dataset_path'],
  ...['sae_lens_training_version', 'hook_name_out', 'hook_head_index_out'],
] as const;
const saeFields = [
  ...['architecture', 'd_in', 'd_sae', 'dtype', 'device', 'apply_b_dec_to_input', 'normalize_activations'],
  ...['reshape_activations', 'activation_fn', 'activation_fn_kwargs', 'finetuning_scaling_factor'],
] as const;
/** The layer is in the hook's name as well; the version is that of the layout, which is another one once it is written again. */
const known = new Set<string>([...metadataFields, ...saeFields, 'hook_layer', 'sae_lens_version']);

/** Whether a cfg.json is of SAELens 5 or older: no version of 6 or later is written in it. */
export function isLegacy(config: Fields): boolean {
  const metadata = config['metadata'];
  const nested = typeof metadata === 'object' && metadata ? (metadata as Fields)['sae_lens_version'] : undefined;
  const version = config['sae_lens_version'] ?? nested;
  return typeof version !== 'string' || Number.parseInt(version, 10) < 6;
}

/**
 * A cfg.json of SAELens 5 or older in the layout of 6, as SAELens's own `handle_pre_6_0_config` reads it; but nothing is
 * lost silently: tanh-relu stays tanh-relu, and what is assumed is noted. A checkpoint's cfg.json holds the whole config
 * of its run: fields that say nothing about the SAE are passed over in one note.
 *
 * @throws SaeFormatError for an activation function that nobody can apply
 */
export function fromLegacyConfig(config: Fields, notes: LoadNotes): Fields {
  const fields: Fields = {};
  for (const [name, value] of Object.entries(config)) {
    const current = renames[name] ?? name;
    if (current !== name && name !== 'activation_fn_str') notes.add('renamed', name, `${name} is read as ${current}`);
    fields[current] = value;
  }
  const hookName = typeof fields['hook_name'] === 'string' ? fields['hook_name'] : '';
  const reshape = fields['reshape_activations'] ?? (hookName.includes('hook_z') ? 'hook_z' : undefined);
  const metadata: Fields = { prepend_bos: notes.orDefault('prepend_bos', fields['prepend_bos'], true) };
  for (const name of metadataFields) if (name in fields && name !== 'prepend_bos') metadata[name] = fields[name];
  const ignored = Object.keys(fields).filter((name) => !known.has(name));
  if (ignored.length > 0)
    notes.add('ignored', 'cfg.json', `settings of the run are passed over: ${ignored.join(', ')}`);
  return {
    d_in: fields['d_in'],
    d_sae: fields['d_sae'],
    dtype: notes.orDefault('dtype', fields['dtype'], 'float32'),
    device: notes.orDefault('device', fields['device'], 'cpu'),
    apply_b_dec_to_input: notes.orDefault('apply_b_dec_to_input', fields['apply_b_dec_to_input'], true),
    normalize_activations: normalisationOf(fields['normalize_activations'], notes),
    reshape_activations: notes.orDefault('reshape_activations', reshape, 'none'),
    ...('finetuning_scaling_factor' in fields && { finetuning_scaling_factor: fields['finetuning_scaling_factor'] }),
    ...activationOf(fields, notes),
    metadata,
  };
}

/** Was a bool at first. */
function normalisationOf(value: unknown, notes: LoadNotes): unknown {
  if (typeof value !== 'boolean') return notes.orDefault('normalize_activations', value, 'none');
  const meant = value ? 'expected_average_only_in' : 'none';
  notes.add('renamed', 'normalize_activations', `normalize_activations ${value} is read as ${meant}`);
  return meant;
}

/** TopK SAEs of SAELens 5 may call themselves standard: their activation function says what they are (SAELens #554). */
function activationOf(fields: Fields, notes: LoadNotes): Fields {
  const architecture = notes.orDefault('architecture', fields['architecture'], 'standard');
  const activation = notes.orDefault(
    'activation_fn',
    fields['activation_fn'],
    architecture === 'topk' ? 'topk' : 'relu',
  );
  const kwargs = (fields['activation_fn_kwargs'] ?? {}) as Fields;
  if (activation === 'topk') {
    if (architecture !== 'topk')
      notes.add('converted', 'architecture', `architecture ${String(architecture)} with activation topk is topk`);
    // Conversions of sparsify's SAEs say whether the largest magnitudes are kept, with their sign.
    const kind = kwargs['signed'] === true ? 'abstopk' : 'topk';
    return { architecture: kind, k: kwargs['k'], rescale_acts_by_decoder_norm: false };
  }
  if (activation === 'tanh-relu' && architecture === 'standard') return { architecture: 'standard_tanh_relu' };
  if (activation !== 'relu')
    throw new SaeFormatError(
      `cfg.json: activation_fn: ${String(activation)} of architecture ${String(architecture)} can't be applied; allowed are relu, topk and, of standard SAEs, tanh-relu`,
    );
  return { architecture };
}
