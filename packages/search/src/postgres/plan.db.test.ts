import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '@monosema/db/testing';
import { lookUp } from './dictionary.ts';
import { matchingFeatures } from './document-query.ts';
import { setUp } from './postgres-search.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  // 20,000 documents of words from a dictionary of 5,000 unlike ones, written past the indexer to save time.
  await database.sql`
    create function word(n bigint) returns text immutable language sql
    return translate(substr(md5((n % 5000)::text), 1, 9), '0123456789', 'ghijklmnop')`;
  await database.sql`
    insert into search_words select word(i), word(i) from generate_series(1, 5000) i on conflict do nothing`;
  await database.sql`
    insert into search_documents
    select 'toy', '2-res-tk', i, '{}', array[word(i)], array[word(i * 7), word(i * 11)], array[word(i * 13)], 0.1, 0.5
    from generate_series(1, 20000) i`;
  await database.sql`analyze search_documents, search_words`;
});
afterAll(() => database.drop());

async function planOf(terms: string[], place: { modelId?: string; sourceId?: string }): Promise<string> {
  return database.orm.transaction(async (tx) => {
    await setUp(tx);
    const variants = await lookUp(tx, terms);
    const rows = await tx.execute<{ 'QUERY PLAN': string }>(sql`explain ${matchingFeatures(variants, place)}`);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  });
}

const wordOf = async (n: number): Promise<string> =>
  (await database.sql<{ word: string }[]>`select word(${n})`)[0]!.word;

test.each([
  ['one word', async () => [await wordOf(7)], {}],
  ['a word with an error', async () => [`${await wordOf(7)}x`], { modelId: 'toy' }],
  ['two words in one source', () => Promise.all([wordOf(7), wordOf(8)]), { modelId: 'toy', sourceId: '2-res-tk' }],
])('%s: every field is answered by its index, no row is looked at in vain', async (_, terms, place) => {
  const plan = await planOf(await terms(), place);
  for (const field of ['label_words', 'top_tokens', 'top_logits'])
    expect(plan).toContain(`Bitmap Index Scan on search_documents_${field}`);
  expect(plan).not.toContain('Seq Scan');
});
