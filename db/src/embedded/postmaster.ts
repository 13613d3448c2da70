import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** What a running server says of itself in `postmaster.pid`. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** "starting", "ready", "stopping". */
  readonly status: string;
}

/** The server that runs on a cluster, or null: a file that a dead server left, or whose number another program now has, is none. */
export function postmasterOf(cluster: string): Postmaster | null {
  const lines = textOf(path.join(cluster, 'postmaster.pid'))?.split('\n') ?? [];
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0 || !commandOf(pid)?.includes(cluster)) return null;
  return { pid, port: Number(lines[3]), status: lines[7]?.trim() ?? 'starting' };
}

/**
 * Removes a dead server's file when its process number is another program's by now, which Postgres would take for a
 * server that still runs. Any other file stays: Postgres itself knows best whether the last server is really gone.
 */
export function forgetForeignPid(cluster: string): void {
  const file = path.join(cluster, 'postmaster.pid');
  const pid = Number(textOf(file)?.split('\n')[0]);
  if (pid > 0 && birthOf(pid) !== null && !commandOf(pid)?.includes(cluster)) rmSync(file, { force: true });
}

/** Who started a server: written when it is ready, so that a later start can tell a server in use from an orphan. */
interface Owner {
  readonly server: number;
  readonly pid: number;
  readonly born: string;
}

export function writeOwner(folder: string, server: number): void {
  const owner: Owner = { server, pid: process.pid, born: birthOf(process.pid) ?? '' };
  writeFileSync(path.join(folder, 'owner.json'), JSON.stringify(owner));
}

/** True while the process that started this server lives. */
export function ownerLives(folder: string, server: number): boolean {
  const text = textOf(path.join(folder, 'owner.json'));
  const owner = text ? (JSON.parse(text) as Owner) : null;
  return owner?.server === server && birthOf(owner.pid) === owner.born;
}

/** When a process was started, in any unit: tells it from a later one that got the same number. Null when there is none. */
function birthOf(pid: number): string | null {
  if (process.platform !== 'linux') return psOf(pid, 'lstart=');
  // The command in parentheses may hold spaces; the start time is the 20th field after it.
  return textOf(`/proc/${pid}/stat`)?.split(') ').pop()?.split(' ')[19] ?? null;
}

function commandOf(pid: number): string | null {
  return process.platform === 'linux' ? textOf(`/proc/${pid}/cmdline`) : psOf(pid, 'command=');
}

function psOf(pid: number, column: string): string | null {
  try {
    return execFileSync('ps', ['-ww', '-o', column, '-p', String(pid)], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null;
  }
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
