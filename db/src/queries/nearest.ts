import { and, eq, isNotNull, sql } from 'drizzle-orm';
import { featurePath, modelPath, sourcePath } from '@monosema/catalog';
import type { Db } from '../connect.ts';
import { features, models, sources } from '../schema/index.ts';
import { currentBuildId } from './sources.ts';

/** What of an address does not exist, and the nearest that does. */
export interface NearestPlaces {
  missing: 'model' | 'source' | 'feature';
  /** Paths, best first: `/gpt2-small`. Empty when there is nothing to suggest. */
  paths: string[];
  /** The last feature of the source, when it is the feature that is missing. */
  maximumIndex: number | null;
}

/**
 * What to offer for an address that was not found: names like the wanted one, or the last feature of the source.
 * Null when everything in it exists.
 *
 * @example (await nearestPlaces(db, { modelId: 'gpt2-smal' }))?.paths // ["/gpt2-small"]
 */
export async function nearestPlaces(
  db: Db,
  { modelId, sourceId, index }: { modelId: string; sourceId?: string; index?: number },
): Promise<NearestPlaces | null> {
  const modelIds = await nearestModels(db, modelId);
  if (!modelIds.includes(modelId)) return { missing: 'model', paths: modelIds.map(modelPath), maximumIndex: null };
  if (sourceId === undefined) return null;
  const sourceIds = await nearestSources(db, modelId, sourceId);
  if (!sourceIds.includes(sourceId))
    return { missing: 'source', paths: sourceIds.map((id) => sourcePath(modelId, id)), maximumIndex: null };
  if (index === undefined) return null;
  const near = await nearestFeatures(db, { modelId, sourceId, index });
  if (near.indexes.includes(index)) return null;
  const paths = near.indexes.map((found) => featurePath({ modelId, sourceId, index: found }));
  return { missing: 'feature', paths, maximumIndex: near.maximum };
}

/** How like a name is to the wanted one: trigrams, and a start in common counts as much. */
const likeness = (name: unknown, wanted: string) =>
  sql`greatest(similarity(${name}, ${wanted}), case when starts_with(${name}, ${wanted}) or starts_with(${wanted}, ${name}) then 0.5 else 0 end)`;

async function nearestModels(db: Db, wanted: string): Promise<string[]> {
  const rows = await db
    .select({ id: models.id })
    .from(models)
    .orderBy(sql`${models.id} = ${wanted} desc`, sql`${likeness(models.id, wanted)} desc`, models.id)
    .limit(3);
  return rows.map((row) => row.id);
}

async function nearestSources(db: Db, modelId: string, wanted: string): Promise<string[]> {
  const rows = await db
    .select({ id: sources.id })
    .from(sources)
    .where(and(eq(sources.modelId, modelId), isNotNull(sources.currentBuildId)))
    .orderBy(sql`${sources.id} = ${wanted} desc`, sql`${likeness(sources.id, wanted)} desc`, sources.id)
    .limit(3);
  return rows.map((row) => row.id);
}

async function nearestFeatures(
  db: Db,
  address: { modelId: string; sourceId: string; index: number },
): Promise<{ indexes: number[]; maximum: number | null }> {
  const buildId = await currentBuildId(db, address);
  if (buildId === null) return { indexes: [], maximum: null };
  const [row] = await db.execute<{ below: number | null; above: number | null; maximum: number | null }>(sql`
    select max("index") filter (where "index" <= ${address.index}) as below,
      min("index") filter (where "index" >= ${address.index}) as above, max("index") as maximum
    from ${features} where build_id = ${buildId}`);
  const found = [row?.below, row?.above].filter((value) => value != null);
  return { indexes: [...new Set(found)], maximum: row?.maximum ?? null };
}
