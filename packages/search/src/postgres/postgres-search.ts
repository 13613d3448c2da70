import { and, eq, sql } from 'drizzle-orm';
import type { SearchDocument } from '@monosema/catalog';
import type { Db } from '@monosema/db';
import { searchDocuments } from '@monosema/db/schema';
import { matchesOf, type NearnessOf } from '../matches.ts';
import type { Search, SearchPage, SearchQuery } from '../search.ts';
import { termsOf } from '../terms.ts';
import { lookUp, type Variants } from './dictionary.ts';
import { matchingFeatures } from './document-query.ts';
import { indexDocuments } from './index-documents.ts';

const { modelId, sourceId, index, labels, topTokens, topLogits, density, score } = searchDocuments;
const documentColumns = { modelId, sourceId, index, labels, topTokens, topLogits, density, score };

/** Search on the catalog's own Postgres: a dictionary forgives typing errors, then documents are found by exact words. */
export class PostgresSearch implements Search {
  constructor(private readonly db: Db) {}

  async query({ text, limit = 20, offset = 0, ...place }: SearchQuery): Promise<SearchPage> {
    const terms = termsOf(text);
    if (terms.length === 0) return { hits: [], total: 0 };
    const page = { limit: Math.max(1, Math.min(limit, 100)), offset: Math.max(0, offset) };
    return this.db.transaction(
      async (tx) => {
        await setUp(tx);
        const variants = await lookUp(tx, terms);
        // Every term must mean something that the catalog knows.
        if (variants.some((words) => words.size === 0)) return { hits: [], total: 0 };
        return readPage(tx, variants, place, page);
      },
      { accessMode: 'read only' },
    );
  }

  async index(documents: readonly SearchDocument[]): Promise<void> {
    await indexDocuments(this.db, documents);
  }

  async removeSource(model: string, source: string): Promise<void> {
    await this.db.delete(searchDocuments).where(and(eq(modelId, model), eq(sourceId, source)));
  }
}

/**
 * Settings of one query's transaction: how much two words must have in common, and what it costs to compare them. The
 * planner takes a comparison of trigrams or of arrays for as cheap as an addition, and would do it for every row. Helpers cost more to start than the whole query takes.
 */
export const setUp = (tx: Db): PromiseLike<unknown> =>
  tx.execute(sql`select
    set_config('pg_trgm.word_similarity_threshold', '0.4', true),
    set_config('cpu_operator_cost', '0.1', true),
    set_config('max_parallel_workers_per_gather', '0', true)`);

async function readPage(
  tx: Db,
  variants: readonly Variants[],
  place: { modelId?: string; sourceId?: string },
  { limit, offset }: { limit: number; offset: number },
): Promise<SearchPage> {
  const matching = matchingFeatures(variants, place);
  const order = sql`rank, best.score desc, best.model_id, best.source_id, best."index"`;
  const rows = await tx
    .select({ document: documentColumns, total: sql<number>`best.total::int` })
    .from(
      sql`(select best.*, count(*) over () as total from (${matching}) best
        order by ${order} limit ${limit} offset ${offset}) best`,
    )
    .innerJoin(
      searchDocuments,
      sql`${modelId} = best.model_id and ${sourceId} = best.source_id and ${index} = best."index"`,
    )
    .orderBy(order);
  const nearness = nearnessIn(variants);
  const hits = rows.map(({ document }) => ({ ...document, matches: matchesOf(document, nearness) }));
  // Beyond the last page no row brings the total along.
  const total = rows[0]?.total ?? (offset > 0 ? await count(tx, variants, place) : 0);
  return { hits, total };
}

async function count(
  tx: Db,
  variants: readonly Variants[],
  place: { modelId?: string; sourceId?: string },
): Promise<number> {
  const matching = matchingFeatures(variants, place);
  const [row] = await tx.execute<{ total: number }>(sql`select count(*)::int as total from (${matching}) best`);
  return row!.total;
}

/** The nearest that a word comes to any of the terms. */
const nearnessIn =
  (variants: readonly Variants[]): NearnessOf =>
  (word) => {
    const near = variants.flatMap((words) => words.get(word) ?? []);
    return near.length === 0 ? undefined : near.reduce((a, b) => (b < a ? b : a));
  };
