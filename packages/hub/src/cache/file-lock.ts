import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const staleAfterMs = 10_000;
const pollEveryMs = 100;

/**
 * Runs `work` while no other process runs work under the same path. The holder touches the file every two seconds: a lock
 * that nobody has touched for ten is one of a process that died, and is taken over.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const mine = randomUUID();
  await mkdir(dirname(path), { recursive: true });
  while (!(await take(path, mine))) {
    await removeStale(path);
    await delay(pollEveryMs, undefined, { signal });
  }
  const touch = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => undefined), staleAfterMs / 5);
  try {
    return await work();
  } finally {
    clearInterval(touch);
    if ((await readFile(path, 'utf8').catch(() => '')) === mine) await rm(path, { force: true });
  }
}

async function take(path: string, mine: string): Promise<boolean> {
  try {
    await writeFile(path, mine, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function removeStale(path: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (!found || Date.now() - found.mtimeMs < staleAfterMs) return;
  // Of several that wait, the one whose rename succeeds removes it.
  const aside = `${path}.${randomUUID()}`;
  await rename(path, aside).catch(() => undefined);
  await rm(aside, { force: true });
}
