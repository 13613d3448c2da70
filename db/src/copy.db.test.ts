import { integer, pgTable, text } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyRows } from './copy.ts';
import { bytea, float32 } from './schema/catalog.ts';
import { createTestDatabase, type TestDatabase } from './testing/index.ts';

const things = pgTable('things', {
  id: integer('id').primaryKey(),
  size: float32('size'),
  bytes: bytea('bytes'),
  name: text('name').default('nameless'),
});
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.sql`create table things (id int primary key check (id >= 0), size real, bytes bytea, name text default 'nameless')`;
});
afterAll(() => database.drop());

const row = (id: number) => ({
  id,
  size: id % 3 === 0 ? null : Math.fround(id / 7),
  bytes: Uint8Array.from({ length: id % 300 }, (_, i) => i),
});
const many = Array.from({ length: 5000 }, (_, id) => row(id));
const copy = (rows: readonly (typeof things.$inferInsert)[]) =>
  database.orm.transaction((tx) => copyRows(tx, things, rows));
const count = async (): Promise<number> => (await database.orm.select().from(things)).length;

test('rows come back as they were, over many chunks, with defaults for columns left out', async () => {
  await copy(many);
  const back = await database.orm.select().from(things).orderBy(things.id);
  expect(back.map(({ bytes, ...rest }) => ({ ...rest, bytes: [...bytes!] }))).toEqual(
    many.map(({ bytes, ...rest }) => ({ ...rest, bytes: [...bytes], name: 'nameless' })),
  );
  await copy([{ ...row(7000), name: 'Zoë\t\\' }]);
  expect(await database.sql`select name from things where id = 7000`).toEqual([{ name: 'Zoë\t\\' }]);
  await copy([]);
});

test.each([
  ['the last row', [...Array.from({ length: 3000 }, (_, i) => row(10_000 + i)), row(7)]],
  ['the first row', [row(-1), ...Array.from({ length: 3000 }, (_, i) => row(20_000 + i))]],
])('a COPY that fails at %s says why, brings nothing in, and leaves the connection usable', async (_, rows) => {
  const before = await count();
  const failure = await copy(rows).catch((error: unknown) => error as Error);
  expect(String((failure as Error).cause)).toMatch(/duplicate key|violates check constraint/);
  expect(await count()).toBe(before);
});
