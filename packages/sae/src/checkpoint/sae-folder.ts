import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sae } from '../sae.ts';
import { SaeFormatError } from './format-error.ts';
import {
  configFile,
  loadSaeWithNotes,
  saveSae,
  scalerFile,
  weightsFile,
  type Files,
  type LoadedSae,
} from './sae-files.ts';

/**
 * Reads an SAE from a folder of SAELens layout.
 * @throws SaeFormatError when a file is missing or wrong
 */
export const readSaeFolder = async (path: string): Promise<Sae> => (await readSaeFolderWithNotes(path)).sae;

/** The same with everything that was assumed or converted on the way. */
export async function readSaeFolderWithNotes(path: string): Promise<LoadedSae> {
  const files: Files = {};
  for (const name of [configFile, weightsFile, scalerFile]) {
    try {
      files[name] = await readFile(join(path, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      if (name !== scalerFile) throw new SaeFormatError(`${path} has no ${name}`);
    }
  }
  return loadSaeWithNotes(files);
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
