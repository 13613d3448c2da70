import { access, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { forOption, UsageError } from './exit.ts';

export type Files = Record<string, Uint8Array>;

/**
 * A folder that gets an SAE, and the checkpoints of its training before. A set of files appears whole or not at all: it is written aside and renamed into place.
 *
 *     out/checkpoint/…              the last checkpoint, while training
 *     out/cfg.json, sae_weights.safetensors, evaluation.json
 */
export class OutFolder {
  private constructor(private readonly path: string) {}

  /** @throws UsageError when it holds a finished SAE already */
  static async open(path: string): Promise<OutFolder> {
    if (await exists(join(path, 'cfg.json')))
      throw new UsageError('--out', `${path} already holds an SAE; choose another folder`);
    return new OutFolder(path);
  }

  /** @throws UsageError when the folder cannot be made */
  async make(): Promise<void> {
    await forOption('--out', () => mkdir(this.path, { recursive: true }));
  }

  /** The files of the last checkpoint; null when there is none. */
  async checkpoint(): Promise<Files | null> {
    for (const name of ['checkpoint', '.checkpoint-old']) {
      const folder = join(this.path, name);
      if (!(await exists(folder))) continue;
      const names = await readdir(folder);
      return Object.fromEntries(
        await Promise.all(names.map(async (file) => [file, await readFile(join(folder, file))] as const)),
      );
    }
    return null;
  }

  async hasCheckpoint(): Promise<boolean> {
    return (await exists(join(this.path, 'checkpoint'))) || exists(join(this.path, '.checkpoint-old'));
  }

  async saveCheckpoint(files: Files): Promise<void> {
    const [current, old, fresh] = ['checkpoint', '.checkpoint-old', '.checkpoint-new'].map((name) =>
      join(this.path, name),
    ) as [string, string, string];
    await rm(fresh, { recursive: true, force: true });
    await writeFiles(fresh, files);
    // Between the two renames the old one still stands, and `checkpoint()` finds it.
    if (await exists(current)) {
      await rm(old, { recursive: true, force: true });
      await rename(current, old);
    }
    await rename(fresh, current);
    await rm(old, { recursive: true, force: true });
  }

  /** Puts the result into the folder, cfg.json last: a folder with a cfg.json is complete. Checkpoints go. */
  async finish(files: Files): Promise<void> {
    const fresh = join(this.path, '.result-new');
    await rm(fresh, { recursive: true, force: true });
    await writeFiles(fresh, files);
    const names = Object.keys(files).sort((a, b) => Number(a === 'cfg.json') - Number(b === 'cfg.json'));
    for (const name of names) await rename(join(fresh, name), join(this.path, name));
    for (const name of ['.result-new', 'checkpoint', '.checkpoint-old', '.checkpoint-new'])
      await rm(join(this.path, name), { recursive: true, force: true });
  }
}

async function writeFiles(folder: string, files: Files): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
