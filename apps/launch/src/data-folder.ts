import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const lockSchema = z.object({ pid: z.number().int().positive(), url: z.string() });

/** The folder that holds everything a launch keeps: database, artifacts, logs, secret. */
export class DataFolder {
  constructor(readonly path: string) {
    mkdirSync(path, { recursive: true });
    mkdirSync(this.logs, { recursive: true });
  }

  get postgres(): string {
    return path.join(this.path, 'postgres');
  }

  get logs(): string {
    return path.join(this.path, 'logs');
  }

  /**
   * Claims the folder for this process.
   * Throws when a launch that is still alive holds it; a dead one's claim is taken over.
   */
  lock(url: string): void {
    const holder = this.holder();
    if (holder) throw new Error(`Monosema already runs on ${this.path} (process ${holder.pid}): ${holder.url}`);
    writeFileSync(this.lockFile, JSON.stringify({ pid: process.pid, url }));
  }

  /** The live process that holds the folder, if any. */
  holder(): { pid: number; url: string } | null {
    if (!existsSync(this.lockFile)) return null;
    const lock = lockSchema.safeParse(parseJson(readFileSync(this.lockFile, 'utf8'))).data;
    return lock && lock.pid !== process.pid && isLaunch(lock.pid) ? lock : null;
  }

  unlock(): void {
    rmSync(this.lockFile, { force: true });
  }

  /** A secret made on the first call and kept, readable by its owner only. */
  secret(name: string): string {
    const file = path.join(this.path, `${name}.secret`);
    if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o600 });
    return readFileSync(file, 'utf8').trim();
  }

  private get lockFile(): string {
    return path.join(this.path, 'launch.json');
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // a launch that was killed while writing
  }
}

/** Whether `pid` is alive and a launch: after a crash the number may belong to another program. */
function isLaunch(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const commandLine = `/proc/${pid}/cmdline`;
  return !existsSync(commandLine) || readFileSync(commandLine, 'utf8').includes('bootstrap.mjs');
}
