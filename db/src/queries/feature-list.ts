import { and, asc, desc, eq, gt, lt, lte, gte, or, sql, type SQL } from 'drizzle-orm';
import { z } from 'zod';
import type { TokenValue } from '@monosema/catalog';
import type { Db } from '../connect.ts';
import { unpackTokenValues } from '../packing/index.ts';
import { features, labels } from '../schema/index.ts';
import { currentBuildId } from './sources.ts';

export const featureSorts = ['score', 'density', 'maximum', 'index'] as const;
export type FeatureSort = (typeof featureSorts)[number];

/** A row of a table of features. */
export interface FeatureRow {
  index: number;
  firings: number;
  density: number;
  maximum: number;
  score: number;
  topTokens: TokenValue[];
  topLogits: TokenValue[];
  /** Its best label, if it has any. */
  label: string | null;
}

export interface FeatureListOptions {
  modelId: string;
  sourceId: string;
  /** Index ascends and the others descend, unless `order` says otherwise; equal ones go by index. */
  sort?: FeatureSort;
  order?: 'asc' | 'desc';
  /** Leave out features that never fire. */
  liveOnly?: boolean;
  limit?: number;
  /** `next` of the page before. */
  cursor?: string | null;
}

/**
 * A page of a source's features. The order is total and pages go by key, so that no feature is skipped or shown twice.
 *
 * @returns `next` is the cursor of the following page, null on the last; no rows when nothing is published there
 * @throws RangeError when the cursor is not one of this list
 */
export async function listFeatures(
  db: Db,
  options: FeatureListOptions,
): Promise<{ rows: FeatureRow[]; next: string | null }> {
  const { modelId, sourceId, sort = 'score', liveOnly = false, limit = 50 } = options;
  const order = options.order ?? (sort === 'index' ? 'asc' : 'desc');
  const column = features[sort];
  const buildId = await currentBuildId(db, options);
  if (buildId === null) return { rows: [], next: null };
  const found = await db
    .select({ ...listColumns, label: bestLabelAt(modelId, sourceId) })
    .from(features)
    .where(
      and(
        eq(features.buildId, buildId),
        liveOnly ? gt(features.firings, 0) : undefined,
        options.cursor ? after(sort, order, options.cursor) : undefined,
      ),
    )
    .orderBy(order === 'asc' ? asc(column) : desc(column), asc(features.index))
    .limit(limit + 1);
  const rows = found.slice(0, limit).map((row) => ({
    ...row,
    topTokens: unpackTokenValues(row.topTokens),
    topLogits: unpackTokenValues(row.topLogits),
  }));
  const last = rows.at(-1);
  return { rows, next: last && found.length > limit ? cursorOf(sort, last) : null };
}

const listColumns = {
  index: features.index,
  firings: features.firings,
  density: features.density,
  maximum: features.maximum,
  score: features.score,
  topTokens: features.topTokens,
  topLogits: features.topLogits,
};

/** Written out, because drizzle leaves table names away from the columns of a statement on one table. */
const bestLabelAt = (modelId: string, sourceId: string) => sql<string | null>`(
  select l.text from ${labels} l
  where l.model_id = ${modelId} and l.source_id = ${sourceId} and l."index" = ${features}."index" and not l.hidden
  order by l.rank desc, l.upvotes - l.downvotes desc, l.created_at, l.id
  limit 1)`;

const cursorSchema = z.tuple([z.enum(featureSorts), z.number(), z.number().int()]);

const cursorOf = (sort: FeatureSort, row: FeatureRow): string =>
  Buffer.from(JSON.stringify([sort, row[sort], row.index])).toString('base64url');

/** What follows the cursor's row. The first condition lets the index start there, the second cuts its equals. */
function after(sort: FeatureSort, order: 'asc' | 'desc', cursor: string): SQL | undefined {
  const [value, index] = readCursor(sort, cursor);
  if (sort === 'index') return order === 'asc' ? gt(features.index, index) : lt(features.index, index);
  const column = features[sort];
  const beyond = order === 'asc' ? gt(column, value) : lt(column, value);
  const from = order === 'asc' ? gte(column, value) : lte(column, value);
  return and(from, or(beyond, gt(features.index, index)));
}

function readCursor(sort: FeatureSort, cursor: string): [value: number, index: number] {
  try {
    const [of, value, index] = cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    if (of === sort) return [value, index];
  } catch {
    // Falls through to the one message.
  }
  throw new RangeError(`cursor: is none of a list sorted by ${sort}`);
}
