import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
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

/** No process ever has this number. */
const nobody = 2 ** 22 + 1;

/**
 * Makes Postgres see that the server which left its `postmaster.pid` is dead. By itself it would be misled where the
 * number is another program's by now, or that of a dead process that nobody buried (containers without an init). The
 * rest of the file stays, because it guards against starting while the last server's helpers still hold its memory.
 */
export function buryPostmaster(cluster: string): void {
  const file = path.join(cluster, 'postmaster.pid');
  const text = textOf(file);
  if (text && !postmasterOf(cluster)) writeFileSync(file, text.replace(/^\d+/, String(nobody)));
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
  // The command in parentheses may hold spaces. After it come the state (Z: dead, but not yet buried) and, 19 fields
  // on, the start time.
  const fields = textOf(`/proc/${pid}/stat`)?.split(') ').pop()?.split(' ') ?? [];
  return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
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
