import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as runMigrations } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';

/** Where the migrations lie, oldest first. */
export const migrationsFolder = path.join(path.dirname(fileURLToPath(import.meta.url)), '../migrations');

/** Any fixed number: whoever holds it migrates, others wait. */
const migrationLock = 72_310_451;

/**
 * Brings a database up to the schema of this version. Safe to call from several processes at once and on every start:
 * one works, the others wait and find nothing to do.
 *
 * @example await migrate('postgres://monosema@127.0.0.1:5432/monosema')
 */
export async function migrate(url: string): Promise<void> {
  // One connection, because an advisory lock belongs to the session that took it.
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql`select pg_advisory_lock(${migrationLock})`;
    await sql`create extension if not exists pg_trgm`;
    await sql`create extension if not exists unaccent`;
    await runMigrations(drizzle(sql), { migrationsFolder });
  } finally {
    await sql.end({ timeout: 5 });
  }
}
