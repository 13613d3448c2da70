import { createHash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { may, type Account } from './account.ts';

/** Where things go that the server's account could not reach at the wanted place. */
export const systemFolder = '/var/lib/monosema';

/**
 * The folder that the server's data goes into: the wanted one, or, when `account` cannot reach that (it lies below a
 * 0700 folder such as /root, or on a disk that knows no owners), one below /var/lib/monosema named after a hash of the
 * wanted one, so that two wanted folders never share. Made if absent, open to its owner only.
 *
 * @throws when the folder holds other things than a database of ours
 */
export function placeFolder(wanted: string, account: Account | null): string {
  const folder = path.resolve(wanted);
  if (!account) return openFolder(folder, null);
  const elsewhere = path.join(systemFolder, hashOf(folder));
  // Once there, always there: a database does not move because somebody opened a folder's mode.
  if (existsSync(path.join(elsewhere, 'password'))) return openFolder(elsewhere, account);
  const anchor = nearestExisting(existsSync(folder) ? path.dirname(folder) : folder);
  if (may(account, '-x', anchor) && tryOpen(folder, account)) return folder;
  mkdirSync(systemFolder, { recursive: true });
  chmodSync(systemFolder, 0o755);
  return openFolder(elsewhere, account);
}

/** A name for a wanted folder: the same through links, different for different folders. */
function hashOf(folder: string): string {
  const anchor = nearestExisting(folder);
  const real = path.join(realpathSync(anchor), path.relative(anchor, folder));
  return createHash('sha256').update(real).digest('hex').slice(0, 16);
}

function tryOpen(folder: string, account: Account): boolean {
  try {
    openFolder(folder, account);
  } catch (error) {
    if (error instanceof ForeignFolderError) throw error;
    return false;
  }
  return may(account, '-w', folder);
}

class ForeignFolderError extends Error {}

function openFolder(folder: string, account: Account | null): string {
  mkdirSync(folder, { recursive: true });
  const entries = readdirSync(folder);
  if (entries.length > 0 && !entries.some((name) => name === 'password' || name === 'cluster'))
    throw new ForeignFolderError(
      `${folder} holds other things than an embedded database (${entries[0]}): choose an empty folder`,
    );
  if (account) chownSync(folder, account.uid, account.gid);
  chmodSync(folder, 0o700);
  return folder;
}

/** The folder itself or its first ancestor that exists. */
function nearestExisting(folder: string): string {
  let current = folder;
  while (!existsSync(current)) current = path.dirname(current);
  return current;
}
