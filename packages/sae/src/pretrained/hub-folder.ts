import { readFile } from 'node:fs/promises';
import { openFileSource } from '@monosema/formats';
import { openRepository, parseRepositoryId, type HubOptions, type Repository } from '@monosema/hub';
import { partOf, type SaeFolder } from '../layouts/folder.ts';

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
  return { folder: partOf(wholeOf(repository), path), repository };
}

function wholeOf(repository: Repository): SaeFolder {
  return {
    ...{ name: repository.name, path: '', file: null },
    files: repository.files.map(({ path }) => path).sort(),
    read: async (wanted) => readFile(await repository.fetch(wanted)),
    open: async (wanted) => openFileSource(await repository.fetch(wanted)),
    parent: async () => Promise.resolve(null),
  };
}
