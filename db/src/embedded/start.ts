import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChildProcess } from 'node:child_process';
import postgres from 'postgres';
import { serverAccount, type Account } from './account.ts';
import { usableBinaries, type Binaries } from './binaries.ts';
import { databaseName, openCluster, type Cluster } from './cluster.ts';
import { freePort, launchServer, LaunchError } from './launch.ts';
import { placeFolder } from './placement.ts';
import { buryPostmaster, ownerLives, postmasterOf, writeOwner, type Postmaster } from './postmaster.ts';

export interface EmbeddedPostgresOptions {
  /** Where the database shall live. */
  readonly dir: string;
  /** Port of 127.0.0.1; a free one unless told. */
  readonly port?: number;
  /** Skip fsync: quicker, but a power cut may cost the data. */
  readonly fast?: boolean;
  /** For tests: as `fast`, and the folder is removed when this process ends. */
  readonly throwaway?: boolean;
}

export interface EmbeddedPostgres {
  /** Url of the database `monosema` on this server, password and all. */
  readonly url: string;
  /** Where the data really is: `dir`, or a folder below /var/lib/monosema where the server's account cannot reach `dir`. */
  readonly dir: string;
  readonly port: number;
  /** Process id of the server. */
  readonly pid: number;
  /** True when another process that still lives started the server; then `stop` leaves it running. */
  readonly shared: boolean;
  /** Shuts the server down; resolves when it is gone. Open connections are closed. */
  stop(): Promise<void>;
}

/**
 * Starts a Postgres of one's own from the binaries that npm brought; the data stays in `dir` from one start to the next.
 * It listens on 127.0.0.1 only, wants the password that is kept in `dir/password`, and stops when this process ends,
 * kill -9 included. Run by root, the server runs as the account `postgres`.
 *
 * A server that a dead process left on the same folder is stopped and started anew; one whose starter lives is shared.
 *
 * @throws Error with the end of the server's log when it does not come up
 * @example
 * const server = await startEmbeddedPostgres({ dir: '.monosema/postgres' });
 * await migrate(server.url);
 * await server.stop();
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const account = serverAccount();
  const folder = placeFolder(options.dir, account);
  const binaries = usableBinaries(account);
  const cluster = openCluster(folder, binaries, account, options.fast ?? options.throwaway ?? false);
  for (let tries = 0; ; tries++) {
    const running = await serverInUse(cluster);
    const server = running ? shared(cluster, running) : await launched(cluster, binaries, account, options);
    try {
      await makeDatabase(server.url);
      return server;
    } catch (error) {
      // A shared server may be going down under our hands; then the next round starts one.
      if (!server.shared || tries === 10) throw error;
    }
  }
}

/** The server that a living process runs on this cluster. One that a dead process left is stopped first. */
async function serverInUse(cluster: Cluster): Promise<Postmaster | null> {
  for (let tries = 0; ; tries++) {
    const postmaster = postmasterOf(cluster.data);
    if (!postmaster) return null;
    if (inUse(cluster, postmaster)) {
      // An owner that was killed this moment takes a moment to be gone.
      await sleep(200);
      if (inUse(cluster, postmasterOf(cluster.data))) return postmaster;
    }
    // Somebody may be starting it this moment, or it is already on its way down: two seconds of patience.
    if (tries === 20) signal(postmaster.pid, 'SIGINT');
    if (tries === 120) signal(postmaster.pid, 'SIGQUIT');
    if (tries === 220)
      throw new Error(`an old Postgres (process ${postmaster.pid}) on ${cluster.data} does not stop: stop it by hand`);
    await sleep(100);
  }
}

const inUse = (cluster: Cluster, postmaster: Postmaster | null): boolean =>
  postmaster?.status === 'ready' && ownerLives(cluster.folder, postmaster.pid);

function signal(pid: number, name: 'SIGINT' | 'SIGQUIT'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function launched(
  cluster: Cluster,
  binaries: Binaries,
  account: Account | null,
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const throwaway = options.throwaway ?? false;
  for (let tries = 0; ; tries++) {
    const port = options.port ?? (await freePort());
    buryPostmaster(cluster.data);
    try {
      const child = await launchServer(cluster, binaries, account, {
        port,
        fast: options.fast ?? throwaway,
        throwaway,
      });
      writeOwner(cluster.folder, child.pid!);
      return {
        ...handleOf(cluster, port, child.pid!),
        shared: false,
        stop: () => stopServer(child, cluster, throwaway),
      };
    } catch (error) {
      if (!(error instanceof LaunchError)) throw error;
      const winner = await serverInUse(cluster);
      if (winner) return shared(cluster, winner);
      if (error.dying && tries < 50) {
        await sleep(100);
        continue;
      }
      if (!error.portInUse) throw error;
      if (options.port !== undefined)
        throw new Error(`port ${port} of 127.0.0.1 is in use: choose another`, { cause: error });
      if (tries >= 4) throw error;
    }
  }
}

const shared = (cluster: Cluster, { port, pid }: Postmaster): EmbeddedPostgres => ({
  ...handleOf(cluster, port, pid),
  shared: true,
  stop: () => Promise.resolve(),
});

const handleOf = (
  cluster: Cluster,
  port: number,
  pid: number,
): Pick<EmbeddedPostgres, 'url' | 'dir' | 'port' | 'pid'> => ({
  url: `postgres://${databaseName}:${cluster.password}@127.0.0.1:${port}/${databaseName}`,
  dir: cluster.folder,
  port,
  pid,
});

/** "Fast" shutdown: connections are cut, what was committed is on disk. After ten seconds the server is made to quit. */
async function stopServer(child: ChildProcess, cluster: Cluster, throwaway: boolean): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.ref();
    const gone = once(child, 'exit');
    child.kill(throwaway ? 'SIGQUIT' : 'SIGINT');
    const timer = setTimeout(() => child.kill('SIGQUIT'), 10_000);
    await gone;
    clearTimeout(timer);
  }
  child.stdin?.destroy();
  if (throwaway) rmSync(cluster.folder, { recursive: true, force: true, maxRetries: 5 });
}

/** The first start makes the database; a start that died between making the cluster and this is made good. */
async function makeDatabase(url: string): Promise<void> {
  const admin = new URL(url);
  admin.pathname = '/postgres';
  const sql = postgres(admin.href, { max: 1, onnotice: () => {} });
  try {
    const found = await sql`select 1 from pg_database where datname = ${databaseName}`;
    if (found.length === 0) await sql`create database ${sql(databaseName)}`;
  } catch (error) {
    // Another process made it between the two statements.
    if (!(error instanceof postgres.PostgresError && ['42P04', '23505'].includes(error.code))) throw error;
  } finally {
    await sql.end({ timeout: 5 });
  }
}
