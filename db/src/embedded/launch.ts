import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { identityOf, type Account } from './account.ts';
import type { Binaries } from './binaries.ts';
import type { Cluster } from './cluster.ts';
import { postmasterOf } from './postmaster.ts';

export interface LaunchOptions {
  readonly port: number;
  /** No fsync: for data that nobody will miss. */
  readonly fast: boolean;
  /** Remove the folder when this process ends, however it ends. */
  readonly throwaway: boolean;
}

/**
 * Becomes the server and leaves a watcher behind that holds the other end of our pipe. When this process dies, even by
 * kill -9, the pipe closes and the watcher shuts the server down. The watcher is a grandchild, so that the postmaster
 * never meets a child that it does not know. $1: signal; $2: folder to remove afterwards, or nothing.
 */
const launchScript = `
exec 3<&0 </dev/null
signal=$1; remove=$2; shift 2
( (
  read -r _ <&3
  kill -s "$signal" $$ 2>/dev/null
  if [ -n "$remove" ]; then
    i=0; while kill -0 $$ 2>/dev/null && [ $i -lt 100 ]; do sleep 0.05; i=$((i+1)); done
    rm -rf -- "$remove"
  fi
) & )
exec 3<&-
exec "$@"`;

/** A server that did not come up; `log` is what it said. */
export class LaunchError extends Error {
  constructor(
    readonly log: string,
    readonly code: number | null,
  ) {
    super(`Postgres did not start (exit code ${code ?? 'none'}). Its log ends with:\n${log}`);
  }

  /** Processes of a server that was killed hard are still letting go of its memory. */
  get dying(): boolean {
    return /shared memory block .* is still in use/i.test(this.log);
  }

  get portInUse(): boolean {
    return /could not bind|Address already in use/i.test(this.log);
  }
}

/** Starts the server in a session of its own (a terminal's Ctrl-C must not reach it) and resolves when it answers. */
export async function launchServer(
  cluster: Cluster,
  binaries: Binaries,
  account: Account | null,
  options: LaunchOptions,
): Promise<ChildProcess> {
  const logStart = statSync(cluster.log, { throwIfNoEntry: false })?.size ?? 0;
  const tooLong = logStart > 4 * 2 ** 20;
  const log = openSync(cluster.log, tooLong ? 'w' : 'a', 0o600);
  const command = [binaries.postgres, '-D', cluster.data, ...settingsOf(options)];
  const signal = options.throwaway ? 'QUIT' : 'INT';
  const child = spawn(
    '/bin/sh',
    ['-c', launchScript, 'sh', signal, options.throwaway ? cluster.folder : '', ...command],
    {
      ...identityOf(account),
      cwd: '/',
      detached: true,
      stdio: ['pipe', log, log],
    },
  );
  closeSync(log);
  const failed = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
    child.once('error', () => resolve(null));
  });
  // The pipe and the child must not keep this process alive: its end is the server's signal to stop.
  child.unref();
  if (child.stdin && 'unref' in child.stdin) (child.stdin as { unref(): void }).unref();
  child.stdin?.on('error', () => {});
  await ready(cluster, child, failed, tooLong ? 0 : logStart);
  return child;
}

async function ready(
  cluster: Cluster,
  child: ChildProcess,
  failed: Promise<number | null>,
  logStart: number,
): Promise<void> {
  let exit: { code: number | null } | null = null;
  void failed.then((code) => (exit = { code }));
  for (;;) {
    if (exit) {
      child.stdin?.destroy();
      throw new LaunchError(tailOf(cluster.log, logStart), (exit as { code: number | null }).code);
    }
    const postmaster = postmasterOf(cluster.data);
    if (postmaster?.pid === child.pid && postmaster?.status === 'ready') return;
    await sleep(10);
  }
}

function tailOf(log: string, from: number): string {
  const lines = readFileSync(log).subarray(from).toString('utf8').trim().split('\n');
  return lines.slice(-20).join('\n');
}

function settingsOf({ port, fast, throwaway }: LaunchOptions): string[] {
  const settings: Record<string, string | number> = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: throwaway ? '32MB' : '128MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    jit: 'off',
    log_min_messages: 'warning',
    ...(fast ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** A port of 127.0.0.1 that nobody listens on just now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
