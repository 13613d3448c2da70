import { createHash } from 'node:crypto';
import type { SaeFolder } from '../layouts/folder.ts';

/** A file that an SAE was read from. */
export interface ReadFile {
  /** Path within the folder; "../" leads out of it. */
  name: string;
  bytes: number;
  /** Of its content, in hex. */
  sha256: string;
}

/** Bytes of a file that are hashed at a time. */
const piece = 8 * 2 ** 20;

/** A folder that remembers which files were read or opened, and what their hashes are. */
export function recordedFolder(folder: SaeFolder): { folder: SaeFolder; readFiles(): Promise<ReadFile[]> } {
  const used = new Map<string, () => Promise<ReadFile>>();
  const record = (inner: SaeFolder, prefix: string): SaeFolder => {
    const remember = (file: string): void => {
      const name = prefix + file;
      if (!used.has(name)) used.set(name, async () => ({ name, ...(await hashOf(inner, file)) }));
    };
    return {
      ...inner,
      async read(file) {
        const bytes = await inner.read(file);
        remember(file);
        return bytes;
      },
      async open(file) {
        const source = await inner.open(file);
        remember(file);
        return source;
      },
      async parent() {
        const above = await inner.parent();
        return above && record(above, `${prefix}../`);
      },
    };
  };
  return {
    folder: record(folder, ''),
    async readFiles() {
      const files: ReadFile[] = [];
      for (const hash of used.values()) files.push(await hash());
      return files;
    },
  };
}

async function hashOf(folder: SaeFolder, file: string): Promise<{ bytes: number; sha256: string }> {
  const source = await folder.open(file);
  try {
    const hash = createHash('sha256');
    for (let at = 0; at < source.size; at += piece)
      hash.update(await source.read(at, Math.min(source.size, at + piece)));
    return { bytes: source.size, sha256: hash.digest('hex') };
  } finally {
    await source.close();
  }
}
