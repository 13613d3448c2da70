import { SaeFormatError } from '../checkpoint/format-error.ts';
import type { LoadNotes } from '../checkpoint/load-note.ts';
import { dictionaryClass, type DictionaryClass } from './dictionary-classes.ts';
import type { SaeFolder } from './folder.ts';
import { readJsonIfThere, type JsonObject } from './json-file.ts';
import type { SaidOfInput } from './layout.ts';

/** What dictionary_learning's config.json says. */
export interface DictionaryConfig {
  dictClass: DictionaryClass | null;
  dIn: number | null;
  dSae: number | null;
  k: number | null;
  says: SaidOfInput;
}

export const dictionaryConfigFile = 'config.json';
const silent: DictionaryConfig = { dictClass: null, dIn: null, dSae: null, k: null, says: {} };

/** Reads config.json with its `trainer` and `buffer`; what is null, or in none of them, nobody says. */
export async function readDictionaryConfig(folder: SaeFolder, notes: LoadNotes): Promise<DictionaryConfig> {
  const json = await readJsonIfThere(folder, dictionaryConfigFile);
  if (!json) {
    notes.add('unknown', dictionaryConfigFile, 'no config.json lies beside it: its class is told by its tensors');
    return silent;
  }
  const trainer = objectOf(json['trainer']);
  const buffer = objectOf(json['buffer']);
  return {
    dictClass:
      trainer['dict_class'] == null ? ofTrainer(trainer['trainer_class']) : dictionaryClass(trainer['dict_class']),
    dIn: sizeOf(trainer, 'activation_dim'),
    dSae: sizeOf(trainer, 'dict_size'),
    k: sizeOf(trainer, 'k'),
    says: {
      modelId: textOf(trainer['lm_name']),
      hookPoint: hookPointOf(trainer, buffer, notes),
      contextSize: sizeOf(buffer, 'ctx_len'),
    },
  };
}

/** Older configs name the trainer alone, which tells those classes apart whose tensors do not. */
function ofTrainer(trainer: unknown): DictionaryClass | null {
  if (typeof trainer !== 'string' || !/TopK/.test(trainer)) return null;
  if (/Matryoshka/.test(trainer)) return 'MatryoshkaBatchTopKSAE';
  return /Batch/.test(trainer) ? 'BatchTopKSAE' : 'AutoEncoderTopK';
}

const objectOf = (value: unknown): JsonObject => (typeof value === 'object' && value ? (value as JsonObject) : {});
const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

function sizeOf(object: JsonObject, name: string): number | null {
  const value = object[name];
  if (value == null) return null;
  if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value;
  throw new SaeFormatError(`${dictionaryConfigFile}: ${name} is ${JSON.stringify(value)}, but must be a whole number`);
}

/** Words in a submodule's name, and the hook point that they mean. */
const places = [
  { word: /resid_pre/, hook: 'hook_resid_pre' },
  { word: /resid_mid/, hook: 'hook_resid_mid' },
  { word: /resid/, hook: 'hook_resid_post' },
  { word: /mlp/, hook: 'hook_mlp_out' },
  { word: /att/, hook: 'hook_attn_out' },
] as const;

/** A layer and, since submodules are called as people please, what their name lets see. */
function hookPointOf({ layer, submodule_name: name }: JsonObject, { io }: JsonObject, notes: LoadNotes): string | null {
  if (typeof name === 'string' && /embed/.test(name)) return 'hook_embed';
  if (typeof layer !== 'number') return null;
  if (io === 'in') return null;
  const place = typeof name === 'string' ? places.find(({ word }) => word.test(name)) : undefined;
  if (typeof name === 'string' && !place) return null;
  const hook = `blocks.${layer}.${place?.hook ?? 'hook_resid_post'}`;
  if (!place) notes.add('default', 'submodule_name', `no submodule is named: taken as the output of layer ${layer}`);
  else notes.add('renamed', 'submodule_name', `submodule ${String(name)} of layer ${layer} is read as ${hook}`);
  return hook;
}
