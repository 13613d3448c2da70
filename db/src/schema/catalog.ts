import {
  bigint,
  customType,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  serial,
  smallint,
  text,
  timestamp,
  unique,
} from 'drizzle-orm/pg-core';
import type { Evaluation, InputContract, ModelRecord, Provenance, SaeArchitecture } from '@monosema/catalog';

export const bytea = customType<{ data: Uint8Array; driverData: Buffer }>({
  dataType: () => 'bytea',
  toDriver: (value) => Buffer.from(value.buffer, value.byteOffset, value.byteLength),
});
/** Postgres' real, read as the float32 that it is and not as the shortest decimal that stands for it. */
export const float32 = customType<{ data: number; driverData: number }>({
  dataType: () => 'real',
  fromDriver: (value) => Math.fround(value),
});
const createdAt = () => timestamp('created_at', { withTimezone: true }).notNull().defaultNow();

export const models = pgTable('models', {
  id: text('id').primaryKey(),
  displayName: text('display_name').notNull(),
  architecture: text('architecture'),
  layers: integer('layers'),
  dModel: integer('d_model'),
  vocabularySize: integer('vocabulary_size'),
  contextSize: integer('context_size'),
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

/** A data set as one model's tokenizer sees it, cut into contexts. Never changes: other tokens are another token set. */
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
    /** SHA-256 of all its tokens. */
    digest: text('digest').notNull(),
  },
  (table) => [unique('token_sets_key').on(table.dataSetId, table.modelId, table.contextSize, table.digest)],
);

/** A row of token ids, stored once however many features show it; packed. */
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

/**
 * Tokens of a token set that are not its model's: what an import brought in strings that the tokenizer does not know. The
 * first has the id `base`, the number of the model's tokens, or 0 where the model has none here.
 */
export const tokenSetVocabularies = pgTable('token_set_vocabularies', {
  tokenSetId: integer('token_set_id')
    .primaryKey()
    .references(() => tokenSets.id, { onDelete: 'cascade' }),
  base: integer('base').notNull(),
  pieces: bytea('pieces').notNull(),
  ends: integer('ends').array().notNull(),
});

/** The name of an SAE's features. `currentBuildId` is what readers see: publishing and replacing are one update. */
export const sources = pgTable(
  'sources',
  {
    modelId: text('model_id')
      .notNull()
      .references(() => models.id),
    id: text('id').notNull(),
    currentBuildId: integer('current_build_id'),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.modelId, table.id] })],
);

/** An SAE and one computation of its dashboards. Invisible until its source points to it; then it never changes. */
export const builds = pgTable(
  'builds',
  {
    id: serial('id').primaryKey(),
    modelId: text('model_id').notNull(),
    sourceId: text('source_id').notNull(),
    runId: text('run_id'),
    architecture: text('architecture').$type<SaeArchitecture>(),
    dSae: integer('d_sae').notNull(),
    hookPoint: text('hook_point'),
    contract: jsonb('contract').$type<InputContract>(),
    evaluation: jsonb('evaluation').$type<Evaluation>(),
    provenance: jsonb('provenance').$type<Provenance>(),
    tokenSetId: integer('token_set_id')
      .notNull()
      .references(() => tokenSets.id),
    /** Tokens scanned for the dashboards. */
    tokens: bigint('tokens', { mode: 'number' }).notNull(),
    createdAt: createdAt(),
    publishedAt: timestamp('published_at', { withTimezone: true }),
    /** When another build took its place. */
    supersededAt: timestamp('superseded_at', { withTimezone: true }),
    /** Counted when it was published. */
    featureCount: integer('feature_count'),
    liveFeatureCount: integer('live_feature_count'),
  },
  (table) => [
    index('builds_source').on(table.modelId, table.sourceId),
    index('builds_run').on(table.runId),
    foreignKey({
      columns: [table.modelId, table.sourceId],
      foreignColumns: [sources.modelId, sources.id],
    }).onDelete('cascade'),
  ],
);

/** What a feature page and a table of features read; hash-partitioned by build (see the first migration). */
export const features = pgTable(
  'features',
  {
    buildId: integer('build_id').notNull(),
    index: integer('index').notNull(),
    firings: bigint('firings', { mode: 'number' }).notNull(),
    density: float32('density').notNull(),
    maximum: float32('maximum').notNull(),
    mean: float32('mean').notNull(),
    score: float32('score').notNull(),
    /** Packed: see packing/. */
    histogram: bytea('histogram').notNull(),
    topLogits: bytea('top_logits').notNull(),
    bottomLogits: bytea('bottom_logits').notNull(),
    topTokens: bytea('top_tokens').notNull(),
    /** What only its page shows. */
    details: bytea('details'),
  },
  (table) => [
    primaryKey({ columns: [table.buildId, table.index] }),
    index('features_by_score').on(table.buildId, table.score.desc().nullsFirst(), table.index),
    index('features_by_density').on(table.buildId, table.density.desc().nullsFirst(), table.index),
    index('features_by_maximum').on(table.buildId, table.maximum.desc().nullsFirst(), table.index),
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

/** The decoder directions of a build on a plane: one row, because a page shows all of them at once. */
export const buildMaps = pgTable('build_maps', {
  buildId: integer('build_id')
    .primaryKey()
    .references(() => builds.id, { onDelete: 'cascade' }),
  /** Packed: see packing/. */
  map: bytea('map').notNull(),
});

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

/** The same prompts continued with a feature's direction added: one row per feature. */
export const steeringPreviews = pgTable(
  'steering_previews',
  {
    buildId: integer('build_id')
      .notNull()
      .references(() => builds.id, { onDelete: 'cascade' }),
    index: integer('index').notNull(),
    previews: jsonb('previews').$type<{ promptIndex: number; strength: number; steered: string }[]>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.buildId, table.index] })],
);
