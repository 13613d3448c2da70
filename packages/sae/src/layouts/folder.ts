import { readFile, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { bytesSource, openFileSource, type ByteSource } from '@monosema/formats';
import { SaeFormatError } from '../checkpoint/format-error.ts';
import type { Files } from '../checkpoint/sae-files.ts';

/** Files beside each other that may be an SAE, wherever they are: on disk, on the hub, in memory. */
export interface SaeFolder {
  /** What errors call it. */
  readonly name: string;
  /** Where it is within what it is a part of, with "/" between folders; layouts read layers and widths out of it. */
  readonly path: string;
  /** Paths of all files in it and below, sorted, with "/" between folders. */
  readonly files: readonly string[];
  /** The one file that was asked for, where a file was; the others lie beside it. */
  readonly file: string | null;
  /** The whole of a file. @throws SaeFormatError listing what there is, when it is missing */
  read(file: string): Promise<Uint8Array>;
  /** A file to be read in places; the caller closes it. */
  open(file: string): Promise<ClosableSource>;
  /** The folder that this one lies in; null at the top. Some layouts keep what they say of all layers there. */
  parent(): Promise<SaeFolder | null>;
}

export type ClosableSource = ByteSource & { close(): Promise<void> };

/** Files by path, in memory. @example memoryFolder({ 'cfg.json': config, 'sae_weights.safetensors': weights }) */
export function memoryFolder(files: Files, name = 'files', path = '', file: string | null = null): SaeFolder {
  const names = Object.keys(files).sort();
  const bytesOf = (wanted: string): Uint8Array => files[existing(name, names, wanted)]!;
  return {
    ...{ name, path, file, files: names },
    read: async (wanted) => Promise.resolve(bytesOf(wanted)),
    open: async (wanted) => Promise.resolve({ ...bytesSource(bytesOf(wanted)), close: async () => Promise.resolve() }),
    parent: async () => Promise.resolve(null),
  };
}

/**
 * A folder on this machine, or a single file with what lies beside it.
 * @throws SaeFormatError when there is neither
 */
export async function diskFolder(path: string): Promise<SaeFolder> {
  const found = await stat(path).catch(() => null);
  if (!found) throw new SaeFormatError(`there is no file or folder ${path}`);
  if (found.isFile()) return folderAt(dirname(path), [...(await plainFiles(dirname(path)))], basename(path));
  return folderAt(path, await filesBelow(path), null);
}

function folderAt(path: string, files: readonly string[], file: string | null): SaeFolder {
  const at = (wanted: string): string => join(path, existing(path, files, wanted));
  return {
    ...{ name: file === null ? path : join(path, file), path: path.replaceAll('\\', '/'), files, file },
    read: async (wanted) => readFile(at(wanted)),
    open: async (wanted) => openFileSource(at(wanted)),
    async parent() {
      const above = dirname(path);
      return above === path ? null : folderAt(above, await plainFiles(above), null);
    },
  };
}

/** Folders of SAEs are shallow; a folder with more in it is a collection, of which one is to be named. */
const deepest = 4;

async function filesBelow(path: string, depth = 0): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory() && depth < deepest)
      found.push(...(await filesBelow(join(path, entry.name), depth + 1)).map((name) => `${entry.name}/${name}`));
    else if (!entry.isDirectory()) found.push(entry.name);
  }
  return found.sort();
}

async function plainFiles(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort();
}

/**
 * A folder within a folder, or one file of it with those beside it.
 * @throws SaeFormatError when nothing is at the path, listing what is near
 * @example partOf(memoryFolder(files), 'layers.5')
 */
export function partOf(whole: SaeFolder, path: string): SaeFolder {
  const { folder, files, file } = within(whole.name, whole.files, path);
  const name = path === '' ? whole.name : `${whole.name}/${path}`;
  const at = (wanted: string): string => {
    existing(name, files, wanted);
    return folder === '' ? wanted : `${folder}/${wanted}`;
  };
  return {
    ...{ name, path: [whole.path, folder].filter((part) => part !== '').join('/'), files, file },
    read: async (wanted) => whole.read(at(wanted)),
    open: async (wanted) => whole.open(at(wanted)),
    parent: async () =>
      folder === '' ? whole.parent() : Promise.resolve(partOf(whole, folder.split('/').slice(0, -1).join('/'))),
  };
}

/** The files of a path within a list of paths: those below a folder, or one file and those beside it. */
export function within(
  title: string,
  all: readonly string[],
  path: string,
): { folder: string; files: string[]; file: string | null } {
  const below = (folder: string): string[] =>
    folder === ''
      ? [...all]
      : all.filter((name) => name.startsWith(`${folder}/`)).map((name) => name.slice(folder.length + 1));
  if (all.includes(path)) {
    const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
    return { folder, files: below(folder), file: path.slice(folder === '' ? 0 : folder.length + 1) };
  }
  const files = below(path);
  if (files.length === 0) throw new SaeFormatError(`${title} has no file or folder "${path}"${nearest(all, path)}`);
  return { folder: path, files, file: null };
}

/** Folders that begin as the wanted one does. */
function nearest(all: readonly string[], path: string): string {
  const depth = path.split('/').length;
  const folders = [...new Set(all.map((name) => name.split('/').slice(0, depth).join('/')))];
  const start = path.slice(0, Math.max(1, Math.floor(path.length / 2)));
  const close = folders.filter((folder) => folder.startsWith(start));
  const shown = (close.length > 0 ? close : folders).slice(0, 8);
  return `; there is ${shown.join(', ')}${folders.length > shown.length ? ' and more' : ''}`;
}

function existing(title: string, files: readonly string[], wanted: string): string {
  if (!files.includes(wanted))
    throw new SaeFormatError(`${title} has no ${wanted}; there is ${listed(files) || 'no file'}`);
  return wanted;
}

/** The first names of a list. */
export const listed = (names: readonly string[], most = 12): string =>
  `${names.slice(0, most).join(', ')}${names.length > most ? ` and ${names.length - most} more` : ''}`;
