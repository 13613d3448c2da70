import { open, readFile, readdir, stat, type FileHandle } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { bundledModels as bundled, modelFolder } from '@monosema/sample-data';

/** A model in Hugging Face layout: config.json, weights in safetensors, tokenizer.json. */
export interface ModelFolder {
  /** Name in URLs: that of the bundled model, or the folder's name in lower case. */
  readonly id: string;
  readonly displayName: string;
  readonly path: string;
  /** Where the weights come from, and on what terms; null where nobody said so. */
  readonly origin: string | null;
  readonly licence: string | null;
  /** Names of its files. */
  readonly files: readonly string[];
  /** The bytes of one of them. */
  file(name: string): Promise<Uint8Array>;
  /** One of them opened for reading in places; the caller closes it. */
  open(name: string): Promise<FileHandle>;
}

/** No model of that name. The message lists what is allowed. */
export class UnknownModelError extends Error {
  override readonly name = 'UnknownModelError';
}

/** Names that `openModelFolder` knows without a download. */
export const bundledModels = (): string[] => bundled.map(({ id }) => id);

/**
 * Opens a model by the name of a bundled one, or by the path of a folder (anything with a "/", as `./my-model`).
 * Nothing is downloaded.
 *
 * @throws UnknownModelError when there is no such name or folder, or the folder lacks a file that every model has
 * @example const folder = await openModelFolder('stories-260k'); await folder.file('config.json')
 */
export async function openModelFolder(nameOrPath: string): Promise<ModelFolder> {
  const known = bundled.find(({ id }) => id === nameOrPath);
  if (known) return folderAt(modelFolder(known.id), known);
  if (!/[/\\]/.test(nameOrPath)) throw new UnknownModelError(`unknown model "${nameOrPath}": ${allowed()}`);
  const path = resolve(nameOrPath);
  const id = basename(path)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 63);
  return folderAt(path, { id: id || 'model', displayName: basename(path), origin: null, licence: null });
}

const allowed = (): string =>
  `allowed are ${bundledModels()
    .map((id) => `"${id}"`)
    .join(', ')} and the path of a folder, as in ./my-model`;

type Identity = Pick<ModelFolder, 'id' | 'displayName' | 'origin' | 'licence'>;

async function folderAt(path: string, { id, displayName, origin, licence }: Identity): Promise<ModelFolder> {
  const found = await stat(path).catch(() => null);
  if (!found?.isDirectory()) throw new UnknownModelError(`no folder at ${path}: ${allowed()}`);
  const files = (await readdir(path)).sort();
  for (const choices of [['config.json'], ['tokenizer.json'], ['model.safetensors', 'model.safetensors.index.json']])
    if (!choices.some((name) => files.includes(name)))
      throw new UnknownModelError(`${path} is no model folder: it lacks ${choices.join(' or ')}`);
  const pathOf = (name: string): string => {
    // Names come out of files too (a weight index): only what lies in the folder itself is given.
    if (!files.includes(name))
      throw new UnknownModelError(`model "${id}" has no file "${name}"; it has ${files.join(', ')}`);
    return join(path, name);
  };
  return {
    id,
    displayName,
    path,
    origin,
    licence,
    files,
    file: async (name) => readFile(pathOf(name)),
    open: async (name) => open(pathOf(name)),
  };
}
