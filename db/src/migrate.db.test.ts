import { afterAll, beforeAll, expect, test } from 'vitest';
import { isIdOf, mintId } from './ids.ts';
import { migrate } from './migrate.ts';
import { createTestDatabase, type TestDatabase } from './testing/index.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test('several processes may migrate at once, an empty database too', async () => {
  await database.sql`drop schema public cascade`;
  await database.sql`drop schema drizzle cascade`;
  await database.sql`create schema public`;
  await Promise.all([1, 2, 3].map(() => migrate(database.url)));
  const rows = await database.sql`select count(*)::int as n from drizzle.__drizzle_migrations`;
  expect(rows[0]!['n']).toBeGreaterThan(0);
});

test.each(['features', 'feature_examples'])('%s is split into 32 partitions', async (table) => {
  const rows = await database.sql`select inhrelid from pg_inherits where inhparent = ${table}::regclass`;
  expect(rows).toHaveLength(32);
});

test('ids tell what they name and are never the same', () => {
  const ids = Array.from({ length: 1000 }, () => mintId('lab'));
  expect(new Set(ids).size).toBe(1000);
  expect(ids.every((id) => isIdOf('lab', id))).toBe(true);
  expect(isIdOf('run', ids[0]!)).toBe(false);
  expect(isIdOf('lab', 'lab_short')).toBe(false);
});
