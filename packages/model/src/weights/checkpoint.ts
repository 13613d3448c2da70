import type { FileHandle } from 'node:fs/promises';
import {
  handleSource,
  openSafetensors,
  openTorch,
  readShardIndex,
  type ByteSource,
  type TensorFile,
} from '@monosema/formats';
import type { ModelFolder } from '@monosema/hub';

/** The tensors of a model, in one file or several, read one at a time. */
export interface Checkpoint {
  readonly files: readonly { readonly name: string; readonly tensors: TensorFile }[];
  close(): Promise<void>;
}

/**
 * Opens the weights of a folder: `model.safetensors` or the shards of its index, else `pytorch_model.bin` or its shards, else
 * the only .safetensors, .pt or .pth file that there is. Close it when done.
 */
export async function openCheckpoint(folder: ModelFolder): Promise<Checkpoint> {
  const handles: FileHandle[] = [];
  const close = async (): Promise<void> => {
    for (const handle of handles) await handle.close();
  };
  try {
    const files: Checkpoint['files'][number][] = [];
    for (const name of await weightFiles(folder)) {
      const handle = await folder.open(name);
      handles.push(handle);
      const source = await handleSource(handle, name);
      files.push({
        name,
        tensors: name.endsWith('.safetensors') ? await openSafetensors(source) : await openStateDict(source),
      });
    }
    return { files, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function weightFiles({ id, files, file }: ModelFolder): Promise<string[]> {
  const index = 'model.safetensors.index.json';
  if (files.includes(index))
    return [...new Set(readShardIndex(new TextDecoder().decode(await file(index))).values())].sort();
  if (files.includes('model.safetensors')) return ['model.safetensors'];
  const pickled = files.filter((name) => /^pytorch_model(-\d+-of-\d+)?\.bin$/.test(name));
  if (pickled.length > 0) return pickled;
  const others = files.filter((name) => /\.(safetensors|pt|pth)$/.test(name));
  if (others.length === 1) return others;
  const found = others.length > 1 ? `several, ${others.join(', ')}` : 'none';
  throw new Error(`model "${id}" needs one file of weights, as model.safetensors; there are ${found}`);
}

/** A state dict that torch saved, alone or under the name that trainers give it. */
async function openStateDict(source: ByteSource): Promise<TensorFile> {
  const file = await openTorch(source);
  const { value } = file;
  const wrapper = ['state_dict', 'model_state_dict'].find((name) => value instanceof Map && value.has(name));
  if (wrapper === undefined) return file;
  const prefix = `${wrapper}.`;
  const inner = [...file.tensors].filter(([name]) => name.startsWith(prefix));
  return {
    tensors: new Map(inner.map(([name, tensor]) => [name.slice(prefix.length), tensor])),
    read: (name) => file.read(prefix + name),
  };
}
