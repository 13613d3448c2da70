import { bigint, index, integer, jsonb, pgTable, primaryKey, serial, text, timestamp } from 'drizzle-orm/pg-core';
import { builds, tokenSets } from './catalog.ts';

/** Something of an import that was left out, and why. */
export interface ImportedProblem {
  file: string;
  place: string | null;
  reason: string;
}

/** Dashboards that were, or are being, brought in from files; what a killed import goes on from. */
export const imports = pgTable(
  'imports',
  {
    id: serial('id').primaryKey(),
    /** Folder or address, and the folder in it. */
    location: text('location').notNull(),
    layout: text('layout').notNull(),
    buildId: integer('build_id')
      .notNull()
      .references(() => builds.id, { onDelete: 'cascade' }),
    tokenSetId: integer('token_set_id')
      .notNull()
      .references(() => tokenSets.id),
    /** How the files spell tokens of the model; null while unknown, or where they are none of the model's. */
    spelling: text('spelling'),
    /** The first of what was left out; how much in all, import_files say. */
    problems: jsonb('problems').$type<ImportedProblem[]>().notNull().default([]),
    startedAt: timestamp('started_at', { withTimezone: true }).notNull().defaultNow(),
    finishedAt: timestamp('finished_at', { withTimezone: true }),
  },
  (table) => [index('imports_build').on(table.buildId)],
);

/** The files of an import that are in the catalog, each written in the transaction that wrote its content. */
export const importFiles = pgTable(
  'import_files',
  {
    importId: integer('import_id')
      .notNull()
      .references(() => imports.id, { onDelete: 'cascade' }),
    file: text('file').notNull(),
    bytes: bigint('bytes', { mode: 'number' }).notNull(),
    sha256: text('sha256').notNull(),
    records: integer('records').notNull(),
    problems: integer('problems').notNull(),
  },
  (table) => [primaryKey({ columns: [table.importId, table.file] })],
);
