import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import postgres from 'postgres';
import { startEmbeddedPostgres } from '../embedded/index.ts';
import { migrate, migrationsFolder } from '../migrate.ts';
import { testDatabaseUrl } from './env.ts';

/** A server for tests and the name of a migrated, empty database on it that new ones are copied from. */
export interface TestServer {
  readonly url: string;
  readonly template: string;
}

let started: Promise<TestServer> | undefined;

/** The server of this process: the one of TEST_DATABASE_URL, else a throwaway one that ends with the process. */
export const testServer = (): Promise<TestServer> => (started ??= startTestServer());

function startTestServer(): Promise<TestServer> {
  const url = testDatabaseUrl();
  return url ? onServer(url) : embedded();
}

/**
 * A copy of a cluster that was made and migrated once per version of the migrations and is kept in the system's
 * temporary folder: a start costs a tenth of a second instead of one and a half.
 */
async function embedded(): Promise<TestServer> {
  const temporary = path.join(tmpdir(), `monosema-test-${userInfo().uid}-`);
  const template = temporary + migrationsHash();
  if (!existsSync(template)) await makeTemplate(template);
  const dir = mkdtempSync(temporary);
  const copied = spawnSync('cp', ['-a', `${template}/.`, dir], { encoding: 'utf8' });
  if (copied.status !== 0) throw new Error(`${template} could not be copied: ${copied.stderr}`);
  const server = await startEmbeddedPostgres({ dir, throwaway: true });
  return { url: server.url, template: 'monosema' };
}

async function makeTemplate(template: string): Promise<void> {
  const half = `${template}.${process.pid}`;
  const server = await startEmbeddedPostgres({ dir: half, fast: true });
  await migrate(server.url);
  await server.stop();
  try {
    renameSync(server.dir, template);
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    // Another process was faster.
    if (!existsSync(template)) throw error;
  }
}

/** On a server that is not ours: a template database per version of the migrations, made by whoever comes first. */
async function onServer(url: string): Promise<TestServer> {
  const template = `monosema_template_${migrationsHash()}`;
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql`select pg_advisory_lock(72310452)`;
    const found = await sql`select 1 from pg_database where datname = ${template}`;
    if (found.length > 0) return { url, template };
    const half = `${template}_new`;
    await sql`drop database if exists ${sql(half)} with (force)`;
    await sql`create database ${sql(half)}`;
    await migrate(withDatabase(url, half));
    await sql`alter database ${sql(half)} rename to ${sql(template)}`;
    return { url, template };
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** The same server, another database. */
export function withDatabase(url: string, name: string): string {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}

function migrationsHash(): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(migrationsFolder)
    .filter((file) => file.endsWith('.sql'))
    .sort())
    hash.update(name).update(readFileSync(path.join(migrationsFolder, name)));
  return hash.digest('hex').slice(0, 12);
}
