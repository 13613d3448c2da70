import { bigint, boolean, index, integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';
import type { RunResult, RunStage, RunStatus, TrainingMetrics, TrainingRequest } from '@monosema/catalog';

const at = (name: string) => timestamp(name, { withTimezone: true });

/** A run is the truth about what a person asked for; the queue only carries its id. */
export const runs = pgTable(
  'runs',
  {
    id: text('id').primaryKey(),
    request: jsonb('request').$type<TrainingRequest>().notNull(),
    status: text('status').$type<RunStatus>().notNull().default('queued'),
    cancelRequested: boolean('cancel_requested').notNull().default(false),
    result: jsonb('result').$type<Partial<RunResult>>().notNull().default({}),
    error: text('error'),
    createdBy: text('created_by'),
    createdAt: at('created_at').notNull().defaultNow(),
    finishedAt: at('finished_at'),
  },
  (table) => [index('runs_created').on(table.createdAt)],
);

/** One stage of a run. `fence` counts its claims: a write with an older fence changes nothing. */
export const runStageRows = pgTable(
  'run_stages',
  {
    runId: text('run_id')
      .notNull()
      .references(() => runs.id, { onDelete: 'cascade' }),
    stage: text('stage').$type<RunStage>().notNull(),
    status: text('status').$type<RunStatus>().notNull().default('queued'),
    fence: integer('fence').notNull().default(0),
    worker: text('worker'),
    done: bigint('done', { mode: 'number' }).notNull().default(0),
    total: bigint('total', { mode: 'number' }),
    /** What `done` counts: "tokens", "features". */
    unit: text('unit'),
    startedAt: at('started_at'),
    heartbeatAt: at('heartbeat_at'),
    finishedAt: at('finished_at'),
  },
  (table) => [primaryKey({ columns: [table.runId, table.stage] })],
);

export const runMetrics = pgTable(
  'run_metrics',
  {
    runId: text('run_id')
      .notNull()
      .references(() => runs.id, { onDelete: 'cascade' }),
    step: integer('step').notNull(),
    metrics: jsonb('metrics').$type<TrainingMetrics>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.step] })],
);

/** The last checkpoint of a training run: artifact hash by file name. */
export const runCheckpoints = pgTable('run_checkpoints', {
  runId: text('run_id')
    .primaryKey()
    .references(() => runs.id, { onDelete: 'cascade' }),
  step: integer('step').notNull(),
  files: jsonb('files').$type<Record<string, string>>().notNull(),
  savedAt: at('saved_at').notNull().defaultNow(),
});
