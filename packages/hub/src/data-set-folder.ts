import { open, readdir, stat, type FileHandle } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { HubError } from './hub-error.ts';
import { openRepository, type HubOptions } from './open-repository.ts';
import { parseRepositoryId } from './repository-id.ts';

/** A file of a data set; one of the hub comes when it is opened. */
export interface DataFile {
  /** Path in the data set. Its ending tells the format. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Opens it for reading in places; the caller closes it. */
  open(): Promise<FileHandle>;
}

/** The files of one split of a data set. */
export interface DataSetFolder {
  /** As it was asked for, the hub's with its commit. */
  readonly id: string;
  readonly licence: string | null;
  readonly files: readonly DataFile[];
}

export interface DataSetOptions extends HubOptions {
  /** `train` (default), `validation`, `test` or another that the file names hold. */
  readonly split?: string;
  /** The folder of one configuration, where a data set has several. */
  readonly config?: string;
}

/** What of several formats is read, the best first. */
const formats = [/\.parquet$/i, /\.arrow$/i, /\.(jsonl|ndjson)$/i, /\.json$/i, /\.txt$/i];
/** Files that describe a data set and are none of it. */
const description =
  /(^|\/)(\.|dataset_infos?\.json$|dataset_dict\.json$|state\.json$|license|readme|requirements\.txt$)/i;
/** Other words for a split, as Hugging Face's loader takes them. */
const keywords: Readonly<Record<string, string>> = {
  train: 'train|training',
  validation: 'validation|valid|val|dev',
  test: 'test|testing|eval|evaluation',
};

/**
 * Opens a data set: a file, a folder, or a data set of the Hugging Face hub by `owner/name` or `owner/name@revision`. Of
 * its files those of the split are taken, by the word in their path (as `data/train-00000-of-00004.parquet`); where no
 * name holds any split, all of them are `train`.
 *
 * @throws HubError, or Error when nothing fits; the message lists what there is
 * @example const { files } = await openDataSetFolder('roneneldan/TinyStories', { split: 'validation' })
 */
export async function openDataSetFolder(reference: string, options: DataSetOptions = {}): Promise<DataSetFolder> {
  const { split = 'train', config } = options;
  const path = resolve(reference);
  const found = await stat(path).catch(() => null);
  if (found?.isFile()) return { id: reference, licence: null, files: [localFile(path, basename(path), found.size)] };
  if (found) {
    const names = (await readdir(path, { recursive: true })).map((name) => name.replaceAll('\\', '/')).sort();
    const chosen = choose(reference, names, split, config);
    const files = chosen.map(async (name) => localFile(join(path, name), name, (await stat(join(path, name))).size));
    return { id: reference, licence: null, files: await Promise.all(files) };
  }
  const id = /^[./~\\]/.test(reference) ? null : parseRepositoryId('dataset', reference);
  if (!id) throw new HubError('unknown', `no file, folder or data set of the hub "${reference}"`);
  const repository = await openRepository(id, options);
  const sizes = new Map(repository.files.map(({ path, size }) => [path, size]));
  const files = choose(id.name, [...sizes.keys()].sort(), split, config).map((name) => ({
    name,
    size: sizes.get(name)!,
    open: async () => open(await repository.fetch(name)),
  }));
  return { id: `${id.name}@${repository.commit}`, licence: repository.licence, files };
}

const localFile = (path: string, name: string, size: number): DataFile => ({ name, size, open: () => open(path) });

/** The files of a split, all of one format. */
function choose(title: string, all: readonly string[], split: string, config: string | undefined): string[] {
  const data = all.filter((name) => !description.test(name) && formats.some((format) => format.test(name)));
  const wanted = config === undefined ? data : data.filter((name) => name.startsWith(`${config}/`));
  const format = formats.find((each) => wanted.some((name) => each.test(name)));
  if (!format) {
    const where = config === undefined ? '' : ` in "${config}"; there is ${foldersOf(data).join(', ') || 'none'}`;
    throw new HubError('unknown', `${title} has no .parquet, .arrow, .jsonl, .json or .txt file${where}`);
  }
  const files = wanted.filter((name) => format.test(name));
  const splits = new Map(files.map((name) => [name, splitOf(name)]));
  const known = [...new Set(splits.values())].filter((each) => each !== null);
  const chosen = files.filter((name) =>
    known.length === 0 ? split === 'train' : splits.get(name) === split || holds(name, split),
  );
  if (chosen.length === 0)
    throw new HubError('unknown', `${title} has no split "${split}"; there is ${known.join(', ') || 'train'}`);
  const configs = foldersOf(chosen);
  if (config === undefined && configs.length > 1)
    throw new HubError('unknown', `${title} has several configurations, name one: ${configs.join(', ')}`);
  return chosen;
}

const holds = (name: string, words: string): boolean =>
  new RegExp(`(^|[/._ -])(${words})([/._ -]|\\d|$)`, 'i').test(name);
const splitOf = (name: string): string | null =>
  Object.entries(keywords).find(([, words]) => holds(name, words))?.[0] ?? null;

/** Top folders that may be configurations: those whose name says something. */
const foldersOf = (names: readonly string[]): string[] => [
  ...new Set(
    names
      .filter((name) => name.includes('/'))
      .map((name) => name.slice(0, name.indexOf('/')))
      .filter((folder) => !/^(data|default)$/.test(folder) && splitOf(`${folder}/`) === null),
  ),
];
