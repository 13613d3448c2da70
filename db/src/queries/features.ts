import { and, asc, desc, eq, gt, lt, sql, type SQL } from 'drizzle-orm';
import type { FeatureAddress } from '@monosema/catalog';
import type { Db } from '../connect.ts';
import { builds, features, sources } from '../schema/index.ts';
import { currentBuildId } from './sources.ts';
import { numbersColumns, unpackNumbers, type FeatureNumbers } from './feature-columns.ts';

/** A random feature that fires, of one source, of one model or of all; null when nothing is published. */
export async function randomFeature(
  db: Db,
  { modelId, sourceId }: { modelId?: string; sourceId?: string } = {},
): Promise<FeatureAddress | null> {
  // Sources weigh as many as they have live features. (The logarithm of a uniform number over its weight: the largest
  // is a weighted draw.)
  const [source] = await db
    .select({ modelId: sources.modelId, sourceId: sources.id, buildId: builds.id, dSae: builds.dSae })
    .from(sources)
    .innerJoin(builds, eq(builds.id, sources.currentBuildId))
    .where(
      and(
        gt(builds.liveFeatureCount, 0),
        modelId === undefined ? undefined : eq(sources.modelId, modelId),
        sourceId === undefined ? undefined : eq(sources.id, sourceId),
      ),
    )
    .orderBy(sql`ln(1 - random()) / ${builds.liveFeatureCount} desc`)
    .limit(1);
  if (!source) return null;
  const start = Math.floor(Math.random() * source.dSae);
  const index = (await liveFrom(db, source.buildId, start)) ?? (await liveFrom(db, source.buildId, 0));
  return index === null ? null : { modelId: source.modelId, sourceId: source.sourceId, index };
}

async function liveFrom(db: Db, buildId: number, start: number): Promise<number | null> {
  const [row] = await db
    .select({ index: features.index })
    .from(features)
    .where(and(eq(features.buildId, buildId), gt(features.index, start - 1), gt(features.firings, 0)))
    .orderBy(asc(features.index))
    .limit(1);
  return row?.index ?? null;
}

/** The features before and after a place, null where there is none. The feature itself need not exist. */
export async function neighbours(
  db: Db,
  address: FeatureAddress,
): Promise<{ previous: number | null; next: number | null }> {
  const buildId = await currentBuildId(db, address);
  if (buildId === null) return { previous: null, next: null };
  const beside = (side: SQL, order: SQL) =>
    db
      .select({ index: features.index })
      .from(features)
      .where(and(eq(features.buildId, buildId), side))
      .orderBy(order)
      .limit(1);
  const [previous] = await beside(lt(features.index, address.index), desc(features.index));
  const [next] = await beside(gt(features.index, address.index), asc(features.index));
  return { previous: previous?.index ?? null, next: next?.index ?? null };
}

/** The best-scored feature that fires; null when none does. */
export async function bestFeature(db: Db, place: { modelId: string; sourceId: string }): Promise<number | null> {
  const buildId = await currentBuildId(db, place);
  if (buildId === null) return null;
  return (await bestFeatures(db, buildId, 1))[0]?.index ?? null;
}

/** Features of a build that fire, best-scored first: what a worker steers with. */
export async function bestFeatures(
  db: Db,
  buildId: number,
  limit: number,
): Promise<{ index: number; maximum: number }[]> {
  return db
    .select({ index: features.index, maximum: features.maximum })
    .from(features)
    .where(and(eq(features.buildId, buildId), gt(features.firings, 0)))
    .orderBy(sql`${features.score} desc`, asc(features.index))
    .limit(limit);
}

/**
 * The features of a build by index, without examples: what a worker puts into the search index.
 *
 * @param page.after the index of the last one that is known, or −1
 */
export async function readFeatures(
  db: Db,
  buildId: number,
  { after = -1, limit = 1000 }: { after?: number; limit?: number } = {},
): Promise<FeatureNumbers[]> {
  const rows = await db
    .select(numbersColumns)
    .from(features)
    .where(and(eq(features.buildId, buildId), gt(features.index, after)))
    .orderBy(asc(features.index))
    .limit(limit);
  return rows.map(unpackNumbers);
}
