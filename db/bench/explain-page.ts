import type { SourceRecord } from '@monosema/catalog';
import { drizzle } from 'drizzle-orm/postgres-js';
import type { Database, Db } from '../src/index.ts';
import * as schema from '../src/schema/index.ts';
import {
  createBuild,
  getFeaturePage,
  insertFeatures,
  listFeatures,
  listSources,
  publishBuild,
} from '../src/queries/index.ts';
import { syntheticFeatures } from '../src/testing/index.ts';

/** What the reads of a feature's page and of a table of features cost when that many sources are in the catalog. */
export async function explainPage(
  database: Database,
  {
    sourceCount,
    featureCount,
    source,
    tokenSetId,
  }: { sourceCount: number; featureCount: number; source: SourceRecord; tokenSetId: number },
): Promise<void> {
  const { sql, orm } = database;
  const records = syntheticFeatures(14, { vocabularySize: 1000, contextSize: 128, contextCount: 1000 });
  for (let number = 0; number < sourceCount; number++) {
    const record = { ...source, id: `${number % 48}-many-${number}`, dSae: records.length };
    const buildId = await createBuild(orm, { source: record, tokenSetId, tokens: 1 });
    await insertFeatures(orm, buildId, records);
    await publishBuild(orm, buildId);
  }
  await sql.unsafe('analyze');
  const place = { modelId: 'gpt2-small', sourceId: '8-res-jb' };
  const index = Math.min(1234, featureCount - 1);
  await explained(database, `a feature's page, ${sourceCount} sources`, (db) =>
    getFeaturePage(db, { ...place, index }),
  );
  await explained(database, 'a page of a table by score', (db) => listFeatures(db, { ...place, limit: 50 }));
  await explained(database, 'all sources of a model', (db) => listSources(db, { modelId: place.modelId }));
}

interface Plan {
  'Planning Time': number;
  'Execution Time': number;
  Plan: { 'Shared Hit Blocks': number; 'Shared Read Blocks': number };
}

/** Runs a read and prints how long it takes and what Postgres says of each of its statements. */
async function explained({ sql }: Database, title: string, read: (orm: Db) => Promise<unknown>): Promise<void> {
  const statements: { query: string; params: unknown[] }[] = [];
  let listening = false;
  const logger = {
    logQuery: (query: string, params: unknown[]) => void (listening && statements.push({ query, params })),
  };
  const orm = drizzle(sql, { schema, logger });
  const rounds = 200;
  for (let round = 0; round < 20; round++) await read(orm);
  const start = performance.now();
  for (let round = 0; round < rounds; round++) await read(orm);
  const each = (performance.now() - start) / rounds;
  listening = true;
  await read(orm);
  console.log(`${title}: ${each.toFixed(2)} ms, ${statements.length} statements`);
  for (const { query, params } of statements) {
    const [row] = await sql.unsafe<[{ 'QUERY PLAN': [Plan] }]>(
      `explain (analyze, buffers, format json) ${query}`,
      params as never[],
    );
    const [{ Plan: plan, ...times }] = row['QUERY PLAN'];
    const blocks = plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
    console.log(
      `  ${blocks} blocks, planned in ${times['Planning Time']} ms, run in ${times['Execution Time']} ms: ${query.replaceAll(/\s+/g, ' ').slice(0, 100)}…`,
    );
  }
}
