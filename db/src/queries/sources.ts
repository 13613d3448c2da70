import { and, asc, eq, sql } from 'drizzle-orm';
import type { SourceRecord } from '@monosema/catalog';
import type { Db } from '../connect.ts';
import { builds, sources, tokenSets, tokenSetVocabularies } from '../schema/index.ts';

/** A published source: its SAE as it is now, and what its dashboards were made of. */
export interface SourceSummary extends SourceRecord {
  buildId: number;
  featureCount: number;
  /** Features that fired at least once. */
  liveFeatureCount: number;
  /** Where its examples come from. */
  dataSetId: string;
  /** Tokens scanned for the dashboards. */
  tokens: number;
  /** What its examples' contexts are rows of. */
  tokenSetId: number;
  /** Whether some of their tokens are none of the model's: an import's. */
  hasOwnTokens: boolean;
  publishedAt: Date;
}

/** Columns of a source that readers may see: all of them the current build's. */
const sourceColumns = {
  modelId: builds.modelId,
  id: builds.sourceId,
  architecture: builds.architecture,
  dSae: builds.dSae,
  hookPoint: builds.hookPoint,
  contract: builds.contract,
  evaluation: builds.evaluation,
  provenance: builds.provenance,
  runId: builds.runId,
  buildId: builds.id,
  featureCount: sql<number>`coalesce(${builds.featureCount}, 0)`,
  liveFeatureCount: sql<number>`coalesce(${builds.liveFeatureCount}, 0)`,
  dataSetId: tokenSets.dataSetId,
  tokens: builds.tokens,
  tokenSetId: builds.tokenSetId,
  hasOwnTokens: sql<boolean>`exists (
    select from ${tokenSetVocabularies} own where own.token_set_id = ${builds.tokenSetId} and own.ends <> '{}')`,
  publishedAt: sql<Date>`${builds.publishedAt}`.mapWith(builds.publishedAt),
};

/** A source by name; null when there is none, or none is published under it. */
export async function getSource(
  db: Db,
  { modelId, sourceId }: { modelId: string; sourceId: string },
): Promise<SourceSummary | null> {
  const rows = await published(db).where(and(eq(sources.modelId, modelId), eq(sources.id, sourceId)));
  return rows[0] ?? null;
}

/**
 * The build that readers of a source see, or null. Ask first, then read the build's features by this number: with it
 * Postgres plans for one partition, by a join it would have to plan for all of them.
 */
export async function currentBuildId(
  db: Db,
  { modelId, sourceId }: { modelId: string; sourceId: string },
): Promise<number | null> {
  const [row] = await db
    .select({ buildId: sources.currentBuildId })
    .from(sources)
    .where(and(eq(sources.modelId, modelId), eq(sources.id, sourceId)));
  return row?.buildId ?? null;
}

/** Published sources, of one model or of all, by model, layer and name. */
export async function listSources(db: Db, { modelId }: { modelId?: string } = {}): Promise<SourceSummary[]> {
  return published(db)
    .where(modelId === undefined ? undefined : eq(sources.modelId, modelId))
    .orderBy(asc(sources.modelId), sql`substring(${sources.id} from '^[0-9]+')::int`, asc(sources.id));
}

const published = (db: Db) =>
  db
    .select(sourceColumns)
    .from(sources)
    .innerJoin(builds, eq(builds.id, sources.currentBuildId))
    .innerJoin(tokenSets, eq(tokenSets.id, builds.tokenSetId));
