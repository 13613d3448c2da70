import { sql } from 'drizzle-orm';
import {
  bigint,
  customType,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  real,
  serial,
  smallint,
  text,
  timestamp,
  unique,
} from 'drizzle-orm/pg-core';
import type { Evaluation, InputContract, ModelRecord, SaeArchitecture } from '@monosema/catalog';

export const bytea = customType<{ data: Uint8Array; driverData: Buffer }>({
  dataType: () => 'bytea',
  toDriver: (value) => Buffer.from(value.buffer, value.byteOffset, value.byteLength),
});
const createdAt = () => timestamp('created_at', { withTimezone: true }).notNull().defaultNow();

export const models = pgTable('models', {
  id: text('id').primaryKey(),
  displayName: text('display_name').notNull(),
  architecture: text('architecture').notNull(),
  layers: integer('layers').notNull(),
  dModel: integer('d_model').notNull(),
  vocabularySize: integer('vocabulary_size').notNull(),
  contextSize: integer('context_size').notNull(),
  origin: text('origin'),
  licence: text('licence'),
  hookPoints: jsonb('hook_points').$type<ModelRecord['hookPoints']>().notNull(),
  createdAt: createdAt(),
});

/** The bytes of a model's tokens: piece i ends at `ends[i]` of `pieces`. */
export const vocabularies = pgTable('vocabularies', {
  modelId: text('model_id')
    .primaryKey()
    .references(() => models.id, { onDelete: 'cascade' }),
  pieces: bytea('pieces').notNull(),
  ends: integer('ends').array().notNull(),
});

export const dataSets = pgTable('data_sets', {
  id: text('id').primaryKey(),
  displayName: text('display_name').notNull(),
  origin: text('origin'),
  licence: text('licence'),
  createdAt: createdAt(),
});

/** A data set as one model's tokenizer sees it, cut into contexts. */
export const tokenSets = pgTable(
  'token_sets',
  {
    id: serial('id').primaryKey(),
    dataSetId: text('data_set_id')
      .notNull()
      .references(() => dataSets.id),
    modelId: text('model_id')
      .notNull()
      .references(() => models.id),
    contextSize: integer('context_size').notNull(),
    contextCount: integer('context_count').notNull(),
  },
  (table) => [unique('token_sets_key').on(table.dataSetId, table.modelId, table.contextSize)],
);

/** A row of token ids, stored once however many features show it: little-endian int32. */
export const contexts = pgTable(
  'contexts',
  {
    tokenSetId: integer('token_set_id')
      .notNull()
      .references(() => tokenSets.id, { onDelete: 'cascade' }),
    position: integer('position').notNull(),
    tokens: bytea('tokens').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tokenSetId, table.position] })],
);

/** An SAE on one hook point. `currentBuildId` is what readers see: publishing is one update. */
export const sources = pgTable(
  'sources',
  {
    modelId: text('model_id')
      .notNull()
      .references(() => models.id),
    id: text('id').notNull(),
    architecture: text('architecture').$type<SaeArchitecture>().notNull(),
    dSae: integer('d_sae').notNull(),
    hookPoint: text('hook_point').notNull(),
    contract: jsonb('contract').$type<InputContract>().notNull(),
    evaluation: jsonb('evaluation').$type<Evaluation>(),
    runId: text('run_id'),
    currentBuildId: integer('current_build_id'),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.modelId, table.id] })],
);

/** One computation of a source's dashboards. Invisible until a source points to it. */
export const builds = pgTable(
  'builds',
  {
    id: serial('id').primaryKey(),
    modelId: text('model_id').notNull(),
    sourceId: text('source_id').notNull(),
    runId: text('run_id'),
    tokenSetId: integer('token_set_id')
      .notNull()
      .references(() => tokenSets.id),
    tokens: bigint('tokens', { mode: 'number' }).notNull(),
    createdAt: createdAt(),
    publishedAt: timestamp('published_at', { withTimezone: true }),
  },
  (table) => [
    index('builds_source').on(table.modelId, table.sourceId),
    foreignKey({ columns: [table.modelId, table.sourceId], foreignColumns: [sources.modelId, sources.id] }).onDelete(
      'cascade',
    ),
  ],
);

/** What a feature page and a table of features read; hash-partitioned by build (see the first migration). */
export const features = pgTable(
  'features',
  {
    buildId: integer('build_id').notNull(),
    index: integer('index').notNull(),
    firings: bigint('firings', { mode: 'number' }).notNull(),
    density: real('density').notNull(),
    maximum: real('maximum').notNull(),
    mean: real('mean').notNull(),
    score: real('score').notNull(),
    /** Packed: see packing.ts. */
    histogram: bytea('histogram').notNull(),
    topLogits: bytea('top_logits').notNull(),
    bottomLogits: bytea('bottom_logits').notNull(),
    topTokens: bytea('top_tokens').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.buildId, table.index] }),
    index('features_by_score').on(table.buildId, table.score.desc(), table.index),
    index('features_by_density').on(table.buildId, table.density.desc(), table.index),
    index('features_by_maximum').on(table.buildId, table.maximum.desc(), table.index),
  ],
);

/** All examples of a feature in one row, packed; hash-partitioned like features. */
export const featureExamples = pgTable(
  'feature_examples',
  {
    buildId: integer('build_id').notNull(),
    index: integer('index').notNull(),
    examples: bytea('examples').notNull(),
  },
  (table) => [primaryKey({ columns: [table.buildId, table.index] })],
);

/** A prompt's continuation without any steering, made once per build. */
export const steeringBaselines = pgTable(
  'steering_baselines',
  {
    buildId: integer('build_id')
      .notNull()
      .references(() => builds.id, { onDelete: 'cascade' }),
    promptIndex: smallint('prompt_index').notNull(),
    prompt: text('prompt').notNull(),
    continuation: text('continuation').notNull(),
  },
  (table) => [primaryKey({ columns: [table.buildId, table.promptIndex] })],
);

/** The same prompts continued with a feature's direction added. */
export const steeringPreviews = pgTable(
  'steering_previews',
  {
    buildId: integer('build_id')
      .notNull()
      .references(() => builds.id, { onDelete: 'cascade' }),
    index: integer('index').notNull(),
    promptIndex: smallint('prompt_index').notNull(),
    strength: doublePrecision('strength').notNull(),
    continuation: text('continuation').notNull(),
  },
  (table) => [primaryKey({ columns: [table.buildId, table.index, table.promptIndex] })],
);

/** The Postgres search driver's documents, one per feature of a current build. */
export const searchDocuments = pgTable(
  'search_documents',
  {
    modelId: text('model_id').notNull(),
    sourceId: text('source_id').notNull(),
    index: integer('index').notNull(),
    labels: text('labels').notNull(),
    topTokens: text('top_tokens').notNull(),
    topLogits: text('top_logits').notNull(),
    density: real('density').notNull(),
    score: real('score').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.modelId, table.sourceId, table.index] }),
    index('search_documents_labels').using('gin', sql`${table.labels} gin_trgm_ops`),
    index('search_documents_tokens').using('gin', sql`(${table.topTokens} || ' ' || ${table.topLogits}) gin_trgm_ops`),
  ],
);
