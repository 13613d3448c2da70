import { join } from 'node:path';
import { openFileSource, openSafetensors, type SafetensorsFile } from '@monosema/formats';
import type { Split } from '../activation-source.ts';
import { ActivationCacheError, cacheTypes, type ActivationManifest } from './manifest.ts';

/** A file of cached activations. */
export interface OpenShard {
  file: SafetensorsFile;
  /** Contexts of the split before it. */
  start: number;
  contexts: number;
  close(): Promise<void>;
}

/** Opens the files of a split and checks them against the manifest. @throws ActivationCacheError naming the file */
export async function openSplit(folder: string, manifest: ActivationManifest, split: Split): Promise<OpenShard[]> {
  const shards: OpenShard[] = [];
  let start = 0;
  try {
    for (const { file: name, contexts, bytes } of manifest.splits[split].shards) {
      const source = await openFileSource(join(folder, name));
      const close = (): Promise<void> => source.close();
      shards.push({ file: await checkedShard(source, manifest, contexts, bytes, name), start, contexts, close });
      start += contexts;
    }
    if (start !== manifest.splits[split].contexts)
      throw new ActivationCacheError(
        `the files of ${split} hold ${start} contexts, not ${manifest.splits[split].contexts}`,
      );
    return shards;
  } catch (error) {
    for (const shard of shards) await shard.close();
    throw error;
  }
}

async function checkedShard(
  source: Awaited<ReturnType<typeof openFileSource>>,
  { hookPoints, dtype, contextSize, model }: ActivationManifest,
  contexts: number,
  bytes: number,
  name: string,
): Promise<SafetensorsFile> {
  try {
    if (source.size !== bytes) throw new ActivationCacheError(`${name} has ${source.size} bytes, not ${bytes}`);
    const file = await openSafetensors(source);
    for (const [hookPoint, width] of Object.entries(hookPoints)) {
      const found = file.tensors.get(hookPoint);
      const shape = [contexts, contextSize, width];
      if (found?.dtype !== cacheTypes[dtype] || found.shape.join() !== shape.join())
        throw new ActivationCacheError(`${name}: ${hookPoint} is not ${cacheTypes[dtype]} [${shape.join(', ')}]`);
    }
    if (file.metadata['model'] !== model.fingerprint) throw new ActivationCacheError(`${name} is of another model`);
    return file;
  } catch (error) {
    await source.close();
    throw error;
  }
}
