import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A user of the operating system, by number. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
}

/**
 * Whom the server runs as. Null means "whoever runs this process"; only root needs another account, because Postgres
 * refuses to run as root. Takes the account `postgres`, which is made where there is none, else `nobody`.
 */
export function serverAccount(): Account | null {
  if (process.getuid?.() !== 0) return null;
  const found = accountNamed('postgres') ?? madeAccount('postgres') ?? accountNamed('nobody');
  if (found) return found;
  throw new Error(
    'the embedded Postgres cannot run as root, and no account "postgres" could be made: start as an ordinary user, ' +
      'make that account (useradd --system postgres), or set DATABASE_URL to a Postgres of your own',
  );
}

function accountNamed(name: string): Account | null {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((row) => row.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? lookedUp(name);
  return uid && gid ? { name, uid: Number(uid), gid: Number(gid) } : null;
}

/** Accounts that are not in /etc/passwd (directories, macOS), in the same columns. */
function lookedUp(name: string): string[] {
  const idOf = (flag: string): string => spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout?.trim() ?? '';
  const [uid, gid] = [idOf('-u'), idOf('-g')];
  return /^\d+$/.test(uid) && /^\d+$/.test(gid) ? ['', '', uid, gid] : [];
}

/** Makes a system account with what the machine has: shadow's tools on most, busybox's on Alpine. */
function madeAccount(name: string): Account | null {
  spawnSync('groupadd', ['--system', name]);
  const made = spawnSync('useradd', ['--system', '--gid', name, '--no-create-home', '--shell', '/bin/sh', name]);
  if (made.status !== 0) spawnSync('adduser', ['-S', '-D', '-H', name]);
  return accountNamed(name);
}

/** True when the account may do what the shell test says: `may(account, '-x', '/srv/data')`. */
export function may(account: Account, test: '-x' | '-w', path: string): boolean {
  return (
    spawnSync('/bin/sh', ['-c', 'test "$1" "$2"', 'sh', test, path], { ...identityOf(account), cwd: '/' }).status === 0
  );
}

/** The identity part of spawn's options. */
export const identityOf = (account: Account | null): { uid?: number; gid?: number } =>
  account ? { uid: account.uid, gid: account.gid } : {};
