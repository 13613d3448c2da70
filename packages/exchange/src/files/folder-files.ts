import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { below, inNaturalOrder, type ImportFile, type ImportFiles } from './import-files.ts';
import { listingOf, manifestName, manifestOrNull } from './manifest.ts';

/**
 * The files of a folder on disk, or one file of it. What a manifest of ours at its root lists is checked against it.
 *
 * @throws the file system's error when there is none
 * @example const files = await folderFiles('v1/gpt2-small/8-res-jb');
 */
export async function folderFiles(path: string): Promise<ImportFiles> {
  const info = await stat(path);
  const root = info.isDirectory() ? path : dirname(path);
  const only = info.isDirectory() ? null : basename(path);
  const checksums = await manifestChecksums(root);
  const fileAt = async (at: string): Promise<ImportFile> => ({
    path: at,
    bytes: (await stat(join(root, at))).size,
    checksum: checksums.get(at) ?? null,
  });
  return {
    name: path,
    async list(folder) {
      if (only !== null) return { files: folder === '' ? [await fileAt(only)] : [], folders: [] };
      const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(noneThere);
      const files: string[] = [];
      const folders: string[] = [];
      for (const entry of entries) {
        const at = below(folder, entry.name);
        const isFolder = entry.isSymbolicLink() ? (await stat(join(root, at))).isDirectory() : entry.isDirectory();
        (isFolder ? folders : files).push(entry.name);
      }
      return {
        files: await Promise.all(files.sort(inNaturalOrder).map((name) => fileAt(below(folder, name)))),
        folders: folders.sort(inNaturalOrder),
      };
    },
    read: (file, signal) => createReadStream(join(root, file.path), { signal, highWaterMark: 256 * 1024 }),
  };
}

async function manifestChecksums(root: string): Promise<Map<string, NonNullable<ImportFile['checksum']>>> {
  const text = await readFile(join(root, manifestName), 'utf8').catch(() => null);
  const manifest = text === null ? null : manifestOrNull(text);
  return new Map((manifest?.files ?? []).map(({ path, sha256 }) => [path, { algorithm: 'sha256', hex: sha256 }]));
}

function noneThere(error: unknown): [] {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') return [];
  throw error;
}

/**
 * Files in memory.
 *
 * @example memoryFiles('made up', { 'batch-0.json': bytes })
 */
export function memoryFiles(name: string, contents: Readonly<Record<string, Uint8Array>>): ImportFiles {
  const files = Object.entries(contents).map(([path, bytes]) => ({ path, bytes: bytes.length, checksum: null }));
  return {
    name,
    list: (folder) => Promise.resolve(listingOf(files, folder)),
    async *read({ path }) {
      yield await Promise.resolve(contents[path]!);
    },
  };
}
