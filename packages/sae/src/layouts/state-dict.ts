import type { TorchValue } from '@monosema/formats';
import { TorchTensor } from '@monosema/formats';
import { SaeFormatError } from '../checkpoint/format-error.ts';
import { LoadNotes } from '../checkpoint/load-note.ts';
import { listed, type SaeFolder } from './folder.ts';
import { SaeTensors } from './tensors.ts';

/** What a file of weights holds: a state dict, and, in torch files, what people save around it. */
export interface SavedState {
  tensors: SaeTensors;
  /** Plain values beside the tensors, where a state dict is wrapped: settings of the run. */
  settings: ReadonlyMap<string, TorchValue>;
  /** The mean that was subtracted from inputs before the SAE saw them, [d_in]; null where none was. */
  inputMean: (dIn: number) => Promise<Float32Array | null>;
}

const stateFile = /\.(pt|pth|bin|safetensors|npz)$/i;
/** What models call their weights: large, and no SAE. Read only when asked for by name. */
const modelFile = /^(model|pytorch_model|tf_model|adapter_model)\b/;
/** Names under which people wrap a state dict. */
const wrappers = ['state_dict', 'model_state_dict', 'sae_state_dict', 'model'];

/** The file of weights that was asked for, or the only one of a folder; null where there is none or a choice. */
export function stateFileOf({ file, files }: SaeFolder): string | null {
  if (file !== null) return stateFile.test(file) ? file : null;
  const found = files.filter((name) => stateFile.test(name) && !modelFile.test(name.split('/').at(-1)!));
  return found.length === 1 ? found[0]! : null;
}

/**
 * Opens the state dict of a file, wrapped or not. Close its tensors when done.
 * @throws SaeFormatError naming a tensor around the state dict whose meaning is not known
 */
export async function openState(folder: SaeFolder, file: string, notes: LoadNotes): Promise<SavedState> {
  const whole = await SaeTensors.open(folder, file, notes);
  const { value } = whole;
  const wrapper = wrappers.find((name) => value instanceof Map && value.get(name) instanceof Map);
  if (wrapper === undefined || !(value instanceof Map))
    return { tensors: whole, settings: new Map(), inputMean: async () => Promise.resolve(null) };
  try {
    return await wrapped(whole, wrapper, value as ReadonlyMap<string, TorchValue>, notes);
  } catch (error) {
    await whole.close();
    throw error;
  }
}

async function wrapped(
  whole: SaeTensors,
  wrapper: string,
  value: ReadonlyMap<string, TorchValue>,
  notes: LoadNotes,
): Promise<SavedState> {
  const around = [...value.keys()].filter((name) => name !== wrapper);
  const unknown = around.filter((name) => value.get(name) instanceof TorchTensor && name !== 'act_mean');
  if (unknown.length > 0)
    throw new SaeFormatError(`${whole.title}: unknown tensor ${unknown.join(', ')} beside ${wrapper}`);
  const run = around.filter((name) => name !== 'act_mean' && name !== 'cfg' && name !== 'config');
  if (run.length > 0) notes.add('ignored', whole.title, `what is told of the run is passed over: ${listed(run)}`);
  const settings = value.get('cfg') ?? value.get('config');
  return Promise.resolve({
    tensors: whole.within(wrapper),
    settings: settings instanceof Map ? (settings as ReadonlyMap<string, TorchValue>) : new Map(),
    inputMean: async (dIn) => (whole.has('act_mean') ? whole.read('act_mean', [dIn]) : null),
  });
}

/** Names of the tensors in the weights of a folder, without their wrapper; null where there is no such file. */
export async function tensorNames(folder: SaeFolder): Promise<ReadonlySet<string> | null> {
  const file = stateFileOf(folder);
  if (file === null) return null;
  const { tensors } = await openState(folder, file, new LoadNotes());
  try {
    return new Set(tensors.names);
  } finally {
    await tensors.close();
  }
}
