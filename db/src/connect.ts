import { drizzle, type PostgresJsDatabase, type PostgresJsQueryResultHKT } from 'drizzle-orm/postgres-js';
import type { PgDatabase } from 'drizzle-orm/pg-core';
import postgres from 'postgres';
import * as schema from './schema/index.ts';

/** What every query takes first: the pool's handle, or a transaction of it. */
export type Db = PgDatabase<PostgresJsQueryResultHKT, typeof schema>;

/** A pool of connections. `sql` is for LISTEN and for tools that bring their own SQL; everything else goes through `orm`. */
export interface Database {
  readonly sql: postgres.Sql;
  readonly orm: PostgresJsDatabase<typeof schema>;
  close(): Promise<void>;
}

/**
 * Opens a pool on a Postgres. Connections are made when they are first used, so that a wrong url shows at the first query.
 *
 * @param url `postgres://user:password@host:port/database`
 * @param options.max connections at most, 10 unless told
 * @example
 * const database = connect('postgres://monosema@127.0.0.1:5432/monosema');
 * const model = await getModel(database.orm, 'gpt2-small');
 * await database.close();
 */
export function connect(url: string, options: { max?: number } = {}): Database {
  const sql = postgres(url, {
    max: options.max ?? 10,
    onnotice: () => {},
    connect_timeout: 15,
    connection: { application_name: 'monosema' },
  });
  return { sql, orm: drizzle(sql, { schema }), close: () => sql.end({ timeout: 5 }) };
}
