import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { identityOf, type Account } from './account.ts';
import type { Binaries } from './binaries.ts';

/** Name of the database and of its owner on every embedded server. */
export const databaseName = 'monosema';

/** The files of one embedded server, all below one folder. */
export interface Cluster {
  readonly folder: string;
  /** Postgres' own data folder. */
  readonly data: string;
  readonly log: string;
  readonly password: string;
}

/** Character classes beyond ASCII come from libc; not every machine has every locale. */
const locales = ['C.UTF-8', 'en_US.UTF-8', 'C'];

/**
 * The cluster of a folder, made if there is none: UTF-8, sorted by code point, open to its generated password only.
 * A cluster that was half made when its maker died is made again.
 */
export function openCluster(folder: string, binaries: Binaries, account: Account | null, fast: boolean): Cluster {
  const data = path.join(folder, 'cluster');
  const passwordFile = path.join(folder, 'password');
  if (!existsSync(passwordFile)) {
    if (existsSync(data))
      throw new Error(`${passwordFile} is missing: without it nobody can open the database beside it`);
    writeFileSync(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
    if (account) chownSync(passwordFile, account.uid, account.gid);
  }
  const password = readFileSync(passwordFile, 'utf8');
  if (!existsSync(path.join(data, 'PG_VERSION'))) makeCluster(data, passwordFile, binaries, account, fast);
  return { folder, data, log: path.join(folder, 'server.log'), password };
}

function makeCluster(
  data: string,
  passwordFile: string,
  { initdb }: Binaries,
  account: Account | null,
  fast: boolean,
): void {
  const half = `${data}.${process.pid}`;
  const failures: string[] = [];
  for (const locale of locales) {
    rmSync(half, { recursive: true, force: true });
    const flags = [
      `--pgdata=${half}`,
      `--username=${databaseName}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      `--locale=${locale}`,
      '--lc-messages=C',
      ...(fast ? ['--no-sync', '--wal-segsize=1'] : []),
    ];
    const result = spawnSync(initdb, flags, { ...identityOf(account), cwd: '/', encoding: 'utf8' });
    if (result.status === 0) return putInPlace(half, data);
    failures.push(result.error?.message ?? result.stderr.trim());
  }
  rmSync(half, { recursive: true, force: true });
  throw new Error(`initdb could not make ${data}:\n${failures[0]}`);
}

function putInPlace(half: string, data: string): void {
  try {
    renameSync(half, data);
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    // Another process was faster; its cluster is as good.
    if (!existsSync(path.join(data, 'PG_VERSION'))) throw error;
  }
}
