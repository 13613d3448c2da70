import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { connect, type Database } from '../connect.ts';
import { testServer, withDatabase } from './test-server.ts';

/** A migrated, empty database of a test's own, with a pool on it. */
export interface TestDatabase extends Database {
  readonly url: string;
  /** Closes the pool and drops the database. */
  drop(): Promise<void>;
}

/**
 * Makes a database for one test file. The server behind it is this process's own, without fsync, and ends with the
 * process; with TEST_DATABASE_URL set it is that server.
 *
 * @example
 * let test: TestDatabase;
 * beforeAll(async () => { test = await createTestDatabase(); });
 * afterAll(() => test.drop());
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = await testServer();
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asAdmin(server.url, (sql) => sql`create database ${sql(name)} template ${sql(server.template)}`);
  const url = withDatabase(server.url, name);
  const database = connect(url, { max: 5 });
  const drop = async (): Promise<void> => {
    await database.close();
    await asAdmin(server.url, (sql) => sql`drop database if exists ${sql(name)} with (force)`);
  };
  return { ...database, url, drop };
}

async function asAdmin(url: string, work: (sql: postgres.Sql) => PromiseLike<unknown>): Promise<void> {
  const sql = postgres(withDatabase(url, 'postgres'), { max: 1, onnotice: () => {} });
  try {
    await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
