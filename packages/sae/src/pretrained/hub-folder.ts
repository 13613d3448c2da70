import { openFileSource } from '@monosema/formats';
import { openRepository, parseRepositoryId, type HubOptions, type Repository } from '@monosema/hub';
import { readFile } from 'node:fs/promises';
import { SaeFormatError } from '../checkpoint/format-error.ts';
import { listed, within, type SaeFolder } from '../layouts/folder.ts';

/** A place on the hub. */
export interface HubPlace {
  /** "owner/name" */
  repository: string;
  /** Branch, tag or commit. */
  revision: string;
  /** Folder or file within it; "" for all of it. */
  path: string;
}

/**
 * Reads "owner/name[/path][@revision]", or with the revision behind the name; null when the text is no such place.
 * @example parseHubPlace('google/gemma-scope-2b-pt-res/layer_20/width_16k/average_l0_71')
 */
export function parseHubPlace(text: string): HubPlace | null {
  const match = /^([^/@]+\/[^/@]+)(?:@([^/@]+))?(?:\/([^@]*?))?\/?(?:@([^@]+))?$/.exec(text);
  if (!match) return null;
  const [, name, early, path = '', late] = match;
  if (early !== undefined && late !== undefined) return null;
  const id = parseRepositoryId('model', `${name}@${early ?? late ?? 'main'}`);
  return id && { repository: id.name, revision: id.revision, path };
}

/**
 * A folder of a repository, or one file of it; its files come when they are read.
 * @throws HubError, or SaeFormatError when the path is not in the repository
 */
export async function hubFolder(
  place: HubPlace,
  options: HubOptions,
): Promise<{ folder: SaeFolder; repository: Repository }> {
  const { repository: name, revision, path } = place;
  const repository = await openRepository({ kind: 'model', name, revision }, options);
  return { folder: folderOf(repository, path), repository };
}

function folderOf(repository: Repository, path: string): SaeFolder {
  const paths = repository.files.map((file) => file.path).sort();
  const { folder, files, file } = within(repository.name, paths, path);
  const fetch = async (wanted: string): Promise<string> => {
    if (!files.includes(wanted))
      throw new SaeFormatError(`${repository.name}/${folder} has no ${wanted}; there is ${listed(files)}`);
    return repository.fetch(folder === '' ? wanted : `${folder}/${wanted}`);
  };
  return {
    name: path === '' ? repository.name : `${repository.name}/${path}`,
    path: folder,
    files,
    file,
    read: async (wanted) => readFile(await fetch(wanted)),
    open: async (wanted) => openFileSource(await fetch(wanted)),
    parent: async () =>
      Promise.resolve(
        folder === '' ? null : folderOf(repository, folder.slice(0, Math.max(0, folder.lastIndexOf('/')))),
      ),
  };
}
