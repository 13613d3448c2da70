import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sae } from '../sae.ts';
import { SaeFormatError } from './format-error.ts';
import { configFile, loadSae, saveSae, weightsFile, type Files } from './sae-files.ts';

/**
 * Reads an SAE from a folder of SAELens layout.
 * @throws SaeFormatError when a file is missing or wrong
 */
export async function readSaeFolder(path: string): Promise<Sae> {
  const read = (name: string): Promise<Uint8Array> =>
    readFile(join(path, name)).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOENT' ? new SaeFormatError(`${path} has no ${name}`) : error;
    });
  return loadSae({ [configFile]: await read(configFile), [weightsFile]: await read(weightsFile) });
}

/** Writes an SAE into a folder, SAELens layout. Each file appears whole or not at all. */
export const writeSaeFolder = (path: string, sae: Sae): Promise<void> => writeFiles(path, saveSae(sae));

/** Writes files into a folder, each under another name first. */
export async function writeFiles(path: string, files: Files): Promise<void> {
  await mkdir(path, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) {
    const unfinished = join(path, `.${name}.${process.pid}`);
    await writeFile(unfinished, bytes);
    await rename(unfinished, join(path, name));
  }
}
