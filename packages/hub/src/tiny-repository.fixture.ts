import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { FakeRepository } from './hub-server.fixture.ts';

export const commit = 'c'.repeat(40);
export const weights = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7919) >> 3);
export const config = new TextEncoder().encode('{"model_type":"tiny"}');

/** A repository with a plain file, an LFS file and a file in a folder. */
export const tinyRepository: FakeRepository = {
  files: { 'config.json': config, 'model.safetensors': weights, 'folder/notes é.txt': config, 'README.md': config },
  refs: { main: commit, v1: commit },
  tags: ['license:mit'],
};

/** What lies in a cache folder: per path where a link leads, or how many bytes a file has; locks and tags left out. */
export async function layoutOf(cache: string): Promise<Record<string, string | number>> {
  const layout: Record<string, string | number> = {};
  for (const path of (await readdir(cache, { recursive: true })).sort()) {
    const found = await lstat(join(cache, path));
    if (found.isDirectory() || /^(\.locks|CACHEDIR\.TAG)/.test(path)) continue;
    const isJson = path.endsWith('.json') && !found.isSymbolicLink();
    if (found.isSymbolicLink()) layout[path] = await readlink(join(cache, path));
    else layout[path] = isJson ? canonical(await readFile(join(cache, path), 'utf8')) : found.size;
  }
  return layout;
}

/** JSON without its spaces and with its members in order. */
function canonical(text: string): string {
  const { files, ...rest } = JSON.parse(text) as { files: Record<string, unknown> };
  return JSON.stringify({ ...rest, files: Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)) });
}
