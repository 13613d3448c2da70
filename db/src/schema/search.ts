import { index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { sql } from 'drizzle-orm';
import { float32 } from './catalog.ts';

/** The Postgres search driver's documents, one per feature of a published build. */
export const searchDocuments = pgTable(
  'search_documents',
  {
    modelId: text('model_id').notNull(),
    sourceId: text('source_id').notNull(),
    index: integer('index').notNull(),
    /** As people wrote them, best first. */
    labels: text('labels').array().notNull(),
    /** The words of the labels, folded: see search-text.ts. */
    labelWords: text('label_words').array().notNull(),
    topTokens: text('top_tokens').array().notNull(),
    topLogits: text('top_logits').array().notNull(),
    density: float32('density').notNull(),
    score: float32('score').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.modelId, table.sourceId, table.index] }),
    // Without GIN's pending lists: every search would read them through.
    index('search_documents_label_words').using('gin', table.labelWords).with({ fastupdate: false }),
    index('search_documents_top_tokens').using('gin', table.topTokens).with({ fastupdate: false }),
    index('search_documents_top_logits').using('gin', table.topLogits).with({ fastupdate: false }),
  ],
);

/**
 * Every word that occurs in a document, as written and folded. A query's typing errors are corrected against this
 * dictionary, which stays small however many features there are; the documents are then found by exact words.
 */
export const searchWords = pgTable(
  'search_words',
  {
    word: text('word').primaryKey(),
    folded: text('folded').notNull(),
  },
  (table) => [
    index('search_words_folded').on(sql`${table.folded} text_pattern_ops`),
    index('search_words_similar')
      .using('gin', sql`${table.folded} gin_trgm_ops`)
      .with({ fastupdate: false }),
  ],
);
