import { open, readFile, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ModelFolder } from './model-folder.ts';
import { slugOf, UnknownModelError } from './model-name.ts';

export type Identity = Pick<ModelFolder, 'id' | 'displayName' | 'origin' | 'licence'>;

/** Endings of files that hold weights, whatever else lies beside them. */
const weightFile = /\.(safetensors|gguf|bin|pt|pth)$/;
/** Files that are a model all by themselves. */
export const singleFile = /\.(gguf|pt|pth)$/i;

/** A folder of a model on this machine, or a single file of weights. @throws UnknownModelError when it is neither */
export async function openLocalModel(path: string, identity?: Identity): Promise<ModelFolder> {
  const found = await stat(path).catch(() => null);
  if (found?.isFile() && singleFile.test(path)) return fileAt(path);
  if (found?.isFile())
    throw new UnknownModelError(`${path} is a file: a model is a folder, or a file that ends in .gguf, .pt or .pth`);
  if (!found) throw new UnknownModelError(`no folder at ${path}: `, true);
  const files = (await readdir(path)).sort();
  const lacks = (what: string): UnknownModelError =>
    new UnknownModelError(`${path} is no model folder: it lacks ${what}`);
  if (!files.includes('config.json') && !files.some((name) => name.endsWith('.gguf'))) throw lacks('config.json');
  if (!files.some((name) => weightFile.test(name))) throw lacks('model.safetensors or another file of weights');
  return folderOf(path, files, identity ?? identityOf(basename(path)));
}

const identityOf = (name: string): Identity => ({ id: slugOf(name), displayName: name, origin: null, licence: null });

const fileAt = (path: string): ModelFolder =>
  folderOf(dirname(path), [basename(path)], identityOf(basename(path).replace(singleFile, '')));

function folderOf(path: string, files: readonly string[], identity: Identity): ModelFolder {
  const pathOf = (name: string): string => {
    // Names come out of files too (a weight index): only what lies in the folder itself is given.
    if (!files.includes(name))
      throw new UnknownModelError(`model "${identity.id}" has no file "${name}"; it has ${files.join(', ')}`);
    return join(path, name);
  };
  return {
    ...identity,
    path,
    files,
    file: async (name) => readFile(pathOf(name)),
    open: async (name) => open(pathOf(name)),
  };
}
