import type { FileHandle } from 'node:fs/promises';
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { bundledModels as bundled, modelFolder } from '@monosema/sample-data';
import { openHubModel } from './hub-model.ts';
import { openLocalModel, singleFile } from './local-folder.ts';
import { UnknownModelError } from './model-name.ts';
import type { HubOptions } from './open-repository.ts';
import { parseRepositoryId } from './repository-id.ts';
import { repositoryOfShortName } from './short-names.ts';

/** A model's files: config.json, weights and tokenizer in Hugging Face layout, or a single file of weights. */
export interface ModelFolder {
  /** Name in URLs: that of the bundled model, or the folder's or repository's name in lower case. */
  readonly id: string;
  readonly displayName: string;
  readonly path: string;
  /** Where the weights come from, and on what terms; null where nobody said so. */
  readonly origin: string | null;
  readonly licence: string | null;
  /** Names of its files; those of the hub come to `path` when they are read. */
  readonly files: readonly string[];
  /** The bytes of one of them. */
  file(name: string): Promise<Uint8Array>;
  /** One of them opened for reading in places; the caller closes it. */
  open(name: string): Promise<FileHandle>;
}

/**
 * Opens a model by the name of a bundled one; by a path, of a folder (anything that begins with ".", "/" or "~", or a folder
 * that exists) or of a .gguf or .pt file; or from the Hugging Face hub, by `owner/name`, `owner/name@revision`,
 * `owner/name/file.gguf` or a short name such as "gpt2" or "pythia-70m". Only the last uses the network: to ask for the
 * commit now, and for a file when it is read, into the cache that Python shares.
 *
 * @throws UnknownModelError when there is no such name or folder, or the folder lacks a file that every model has;
 *   HubError when the hub does not give it
 * @example const folder = await openModelFolder('stories-260k'); await folder.file('config.json')
 */
export async function openModelFolder(reference: string, options: HubOptions = {}): Promise<ModelFolder> {
  const known = bundled.find(({ id }) => id === reference);
  if (known) return openLocalModel(modelFolder(known.id), known);
  if (isPath(reference) || ((await exists(reference)) && /[/\\]/.test(reference)))
    return openLocalModel(resolve(reference.replace(/^~(?=[/\\])/, homedir())));
  const { name, file, revision } = partsOf(reference);
  const repository = parseRepositoryId('model', (name.includes('/') ? name : repositoryOfShortName(name)) + revision);
  if (!repository || !repository.name.includes('/'))
    throw new UnknownModelError(`unknown model "${reference}": `, true);
  return openHubModel(repository, file, options);
}

/** "owner/name/file.gguf@revision" in its parts. */
function partsOf(reference: string): { name: string; file: string | null; revision: string } {
  const [, path = '', revision = ''] = /^([^@]*)(@.*)?$/.exec(reference) ?? [];
  const [, name, file] = /^([^/]+\/[^/]+)\/(.+)$/.exec(path) ?? [];
  return name !== undefined && file !== undefined && singleFile.test(file)
    ? { name, file, revision }
    : { name: path, file: null, revision };
}

const isPath = (reference: string): boolean =>
  /^(\.{1,2}$|\.{1,2}[/\\]|[/\\~]|[A-Za-z]:[/\\])/.test(reference) ||
  (singleFile.test(reference) && !reference.includes('/'));

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
