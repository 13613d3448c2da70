import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { artifactHashSchema, hashOf, type ArtifactHash } from './hash.ts';

/** An artifact is missing, damaged or misnamed; the message says which. */
export class ArtifactError extends Error {
  override readonly name = 'ArtifactError';
}

/** Big files by the SHA-256 of their bytes. What `put` returned can be read back, whole and checked, or not at all. */
export interface ArtifactStore {
  /** Keeps bytes and returns their hash; the same bytes twice are one file. */
  put(bytes: Uint8Array): Promise<ArtifactHash>;
  /** The bytes of a hash, checked against it. @throws ArtifactError when missing or damaged */
  get(hash: ArtifactHash): Promise<Uint8Array>;
  has(hash: ArtifactHash): Promise<boolean>;
  /** Forgets a hash; nothing happens when it is unknown. */
  remove(hash: ArtifactHash): Promise<void>;
  /**
   * Removes what nobody refers to and nobody has `put` for `olderThanSeconds`, with the left-overs of killed writers.
   * The age protects an artifact between its `put` and the row that will name it.
   *
   * @returns how many files went
   */
  sweep(options: { keep: ReadonlySet<ArtifactHash>; olderThanSeconds: number }): Promise<number>;
}

const temporaryFolder = 'incoming';

/**
 * A store in a folder of the local disk, made when it is missing.
 * A file is written beside its place, flushed and renamed, so that no reader and no crash ever sees half of it.
 *
 * @example
 * const artifacts = openArtifacts('/var/lib/monosema/artifacts');
 * const hash = await artifacts.put(new TextEncoder().encode('hello'));
 * await artifacts.get(hash); // the same bytes
 */
export function openArtifacts(folder: string): ArtifactStore {
  const pathOf = (hash: ArtifactHash): string => {
    const parsed = artifactHashSchema.safeParse(hash);
    if (!parsed.success) throw new ArtifactError(`"${hash}" names no artifact: ${parsed.error.issues[0]!.message}`);
    return join(folder, hash.slice(0, 2), hash);
  };
  return {
    put: async (bytes) => {
      const hash = hashOf(bytes);
      const path = pathOf(hash);
      if (!(await renewed(path, bytes.byteLength))) await writeWhole(join(folder, temporaryFolder), path, bytes);
      return hash;
    },
    get: async (hash) => {
      const bytes = await readFile(pathOf(hash)).catch((error: unknown) => {
        throw isMissing(error) ? new ArtifactError(`artifact ${hash} is not in ${folder}`) : error;
      });
      const found = hashOf(bytes);
      if (found !== hash) throw new ArtifactError(`artifact ${hash} is damaged: its bytes hash to ${found}`);
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    },
    has: async (hash) => (await sizeOf(pathOf(hash))) !== null,
    remove: (hash) => rm(pathOf(hash), { force: true }),
    sweep: (options) => sweepFolder(folder, options),
  };
}

async function writeWhole(temporary: string, path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(temporary, { recursive: true });
  await mkdir(dirname(path), { recursive: true });
  const unfinished = join(temporary, randomUUID());
  try {
    const file = await open(unfinished, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** Whether the file is there at its full size; its age then starts anew, so that a sweep leaves it to its new owner. */
async function renewed(path: string, size: number): Promise<boolean> {
  if ((await sizeOf(path)) !== size) return false;
  const now = new Date();
  return utimes(path, now, now).then(
    () => true,
    () => false,
  );
}

async function sweepFolder(
  folder: string,
  { keep, olderThanSeconds }: { keep: ReadonlySet<ArtifactHash>; olderThanSeconds: number },
): Promise<number> {
  const before = Date.now() - olderThanSeconds * 1000;
  let removed = 0;
  for (const name of await namesIn(folder)) {
    for (const file of await namesIn(join(folder, name))) {
      const path = join(folder, name, file);
      const found = keep.has(file) ? null : await stat(path).catch(() => null);
      if (!found?.isFile() || found.mtimeMs >= before) continue;
      await rm(path, { force: true });
      removed++;
    }
  }
  return removed;
}

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
const sizeOf = (path: string): Promise<number | null> =>
  stat(path).then(
    (found) => (found.isFile() ? found.size : null),
    () => null,
  );
const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';
