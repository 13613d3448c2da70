import { and, eq, sql } from 'drizzle-orm';
import type { SearchDocument } from '@monosema/catalog';
import type { Db } from '@monosema/db';
import { searchDocuments } from '@monosema/db/schema';
import { matchesOf } from '../matches.ts';
import type { Search, SearchPage, SearchQuery } from '../search.ts';
import { termsOf } from '../terms.ts';
import { lookUp } from './dictionary.ts';
import { documentQuery } from './document-query.ts';
import { indexDocuments } from './index-documents.ts';

const { modelId, sourceId, index, labels, topTokens, topLogits, density, score } = searchDocuments;
const documentColumns = { modelId, sourceId, index, labels, topTokens, topLogits, density, score };

/** Search on the catalog's own Postgres: a dictionary forgives typing errors, then documents are found by exact words. */
export class PostgresSearch implements Search {
  constructor(private readonly db: Db) {}

  async query({ text, limit = 20, offset = 0, ...place }: SearchQuery): Promise<SearchPage> {
    const terms = termsOf(text);
    if (terms.length === 0) return { hits: [], total: 0 };
    return this.db.transaction(
      async (tx) => {
        const variants = await lookUp(tx, terms);
        // Every term must mean something that the catalog knows.
        if (variants.some((words) => words.size === 0)) return { hits: [], total: 0 };
        const { where, rank } = documentQuery(variants, place);
        const rows = await tx
          .select({ document: documentColumns, total: sql<number>`(count(*) over ())::int` })
          .from(searchDocuments)
          .where(where)
          .orderBy(rank, sql`${score} desc`, modelId, sourceId, index)
          .limit(Math.max(1, Math.min(limit, 100)))
          .offset(Math.max(0, offset));
        const nearness = (word: string) => {
          const near = variants.flatMap((words) => words.get(word) ?? []);
          return near.length === 0 ? undefined : near.reduce((a, b) => (b < a ? b : a));
        };
        const hits = rows.map(({ document }) => ({ ...document, matches: matchesOf(document, nearness) }));
        // Beyond the last page no row brings the total along.
        const total = rows[0]?.total ?? (offset > 0 ? await tx.$count(searchDocuments, where) : 0);
        return { hits, total };
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
