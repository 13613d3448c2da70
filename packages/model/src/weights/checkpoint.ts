import type { FileHandle } from 'node:fs/promises';
import { openSafetensors, readShardIndex, type ByteSource, type TensorFile } from '@monosema/formats';
import type { ModelFolder } from '@monosema/hub';

/** The tensors of a model, in one file or several, read one at a time. */
export interface Checkpoint {
  readonly files: readonly { readonly name: string; readonly tensors: TensorFile }[];
  close(): Promise<void>;
}

/** Opens the safetensors of a folder: `model.safetensors`, or the shards that its index names. Close it when done. */
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
      files.push({ name, tensors: await openSafetensors(await sourceOf(handle, name)) });
    }
    return { files, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function weightFiles(folder: ModelFolder): Promise<string[]> {
  const index = 'model.safetensors.index.json';
  if (!folder.files.includes(index)) return ['model.safetensors'];
  return [...new Set(readShardIndex(new TextDecoder().decode(await folder.file(index))).values())].sort();
}

/** One read of the operating system takes at most 2^31 - 1 bytes. */
const readBytes = 2 ** 30;

async function sourceOf(handle: FileHandle, name: string): Promise<ByteSource> {
  const { size } = await handle.stat();
  return {
    size,
    async read(begin, end) {
      const bytes = new Uint8Array(end - begin);
      for (let at = 0; at < bytes.length;) {
        const length = Math.min(bytes.length - at, readBytes);
        const { bytesRead } = await handle.read(bytes, at, length, begin + at);
        if (bytesRead === 0) throw new Error(`${name} became shorter while it was read`);
        at += bytesRead;
      }
      return bytes;
    },
  };
}
