import { randomUUID } from 'node:crypto';
import { copyFile, link, mkdir, readFile, readdir, readlink, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import type { RepositoryFile } from '../client/repository-listing.ts';
import type { RepositoryId } from '../repository-id.ts';

/**
 * One repository's part of the cache, in the layout of Python's huggingface_hub, so that both use the same files:
 *
 *     models--owner--name/
 *       blobs/<etag>                 content; the etag is sha256 for LFS files, the git blob's hash for others
 *       refs/<revision>              the commit that a branch or tag was at
 *       snapshots/<commit>/<file>    links to blobs
 *       trees/<commit>.json          the listing of a commit (huggingface_hub 2.4 and newer)
 *     .locks/models--owner--name/
 */
export class RepositoryCache {
  readonly folder: string;
  readonly #locks: string;

  constructor(cache: string, { kind, name }: RepositoryId) {
    const folder = [`${kind}s`, ...name.split('/')].join('--');
    this.folder = join(cache, folder);
    this.#locks = join(cache, '.locks', folder);
  }

  blob = (etag: string): string => join(this.folder, 'blobs', etag);
  snapshot = (commit: string): string => join(this.folder, 'snapshots', commit);
  pointer = (commit: string, path: string): string => join(this.snapshot(commit), ...path.split('/'));
  lock = (etag: string): string => join(this.#locks, `${etag}.monosema`);

  /** The commit that a branch or tag was at when last asked; null when never. */
  async commitOf(revision: string): Promise<string | null> {
    const text = await readFile(join(this.folder, 'refs', ...revision.split('/')), 'utf8').catch(() => '');
    return /^[0-9a-f]{40}$/.test(text.trim()) ? text.trim() : null;
  }

  async setCommitOf(revision: string, commit: string): Promise<void> {
    if ((await this.commitOf(revision)) === commit) return;
    await replaceFile(join(this.folder, 'refs', ...revision.split('/')), commit);
  }

  /** The files of a commit; null when it was never listed. */
  async listing(commit: string): Promise<RepositoryFile[] | null> {
    const text = await readFile(this.#tree(commit), 'utf8').catch(() => null);
    const parsed = text === null ? null : treeSchema.safeParse(parseJson(text));
    if (!parsed?.success) return null;
    return Object.entries(parsed.data.files).map(([path, file]) => ({
      path,
      size: file.lfs_size ?? file.size,
      etag: file.lfs_sha256 ?? file.blob_id,
    }));
  }

  async setListing(commit: string, files: readonly RepositoryFile[]): Promise<void> {
    const entries = files.map(({ path, size, etag, blobId = etag }) => {
      const lfs = etag.length === 64 ? { lfs_sha256: etag, lfs_size: size } : {};
      return [path, { size, blob_id: blobId, ...lfs }] as const;
    });
    const tree = { format_version: 1, files: Object.fromEntries(entries) };
    await replaceFile(this.#tree(commit), JSON.stringify(tree, null, 2));
  }

  /** What of a commit lies in the cache, for where it was never listed. */
  async present(commit: string): Promise<RepositoryFile[]> {
    const root = this.snapshot(commit);
    const entries = await readdir(root, { recursive: true }).catch(() => []);
    const files: RepositoryFile[] = [];
    for (const path of entries.sort()) {
      const found = await stat(join(root, path)).catch(() => null);
      if (found?.isFile()) files.push({ path: path.replaceAll('\\', '/'), size: found.size, etag: '' });
    }
    return files;
  }

  /** Makes a blob a file of a snapshot: by a relative link, where those are not allowed (Windows) by a hard one or a copy. */
  async link(commit: string, path: string, etag: string): Promise<string> {
    const pointer = this.pointer(commit, path);
    const target = relative(dirname(pointer), this.blob(etag));
    await mkdir(dirname(pointer), { recursive: true });
    try {
      await symlink(target, pointer);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST' && (await readlink(pointer).catch(() => null)) === target) return pointer;
      if (code !== 'EPERM' && code !== 'ENOSYS' && code !== 'EEXIST') throw error;
      await link(this.blob(etag), pointer).catch(() => copyFile(this.blob(etag), pointer));
    }
    return pointer;
  }

  #tree = (commit: string): string => join(this.folder, 'trees', `${commit}.json`);
}

const treeSchema = z.object({
  format_version: z.literal(1),
  files: z.record(
    z.string(),
    z.object({
      size: z.number(),
      blob_id: z.string(),
      lfs_sha256: z.string().nullish(),
      lfs_size: z.number().nullish(),
    }),
  ),
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Whole or not at all, also beside a reader. */
async function replaceFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const aside = `${path}.${randomUUID()}.tmp`;
  await writeFile(aside, text);
  await rename(aside, path);
}
