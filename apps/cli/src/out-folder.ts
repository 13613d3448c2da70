import { access, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { forOption, UsageError } from './exit.ts';

export type Files = Record<string, Uint8Array>;

/**
 * A folder that gets an SAE, and the checkpoints of its training before. A set of files appears whole or not at all: it is
 * written aside and renamed into place.
 *
 *     out/checkpoint/…              the last checkpoint, while training
 *     out/cfg.json, sae_weights.safetensors, evaluation.json
 */
export class OutFolder {
  constructor(private readonly path: string) {}

  /** A folder for an SAE that is there already. @throws UsageError when it holds one, or a training that is not finished */
  static async openEmpty(path: string): Promise<OutFolder> {
    const folder = new OutFolder(path);
    if (await folder.isFinished()) throw folder.inUse();
    if (await folder.hasCheckpoint()) throw new UsageError('--out', `${path} holds a training that is not finished`);
    return folder;
  }

  isFinished = (): Promise<boolean> => exists(join(this.path, 'cfg.json'));

  inUse = (): UsageError => new UsageError('--out', `${this.path} already holds an SAE; choose another folder`);

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

  /** Puts files into a folder of it that stays. */
  async keep(name: string, files: Files): Promise<void> {
    const [target, fresh] = [join(this.path, name), join(this.path, '.kept-new')];
    await rm(fresh, { recursive: true, force: true });
    await writeFiles(fresh, files);
    await mkdir(dirname(target), { recursive: true });
    await rm(target, { recursive: true, force: true });
    await rename(fresh, target);
  }

  /** Puts the result into the folder, cfg.json last: a folder with a cfg.json is complete. The last checkpoint goes. */
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
