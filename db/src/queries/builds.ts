import { and, eq, isNull, sql } from 'drizzle-orm';
import type { FeatureRecord, SourceRecord } from '@monosema/catalog';
import type { Db } from '../connect.ts';
import { copyRows } from '../copy.ts';
import { packDetails, packExamples, packHistogram, packTokenValues, type PackOptions } from '../packing/index.ts';
import { builds, featureExamples, features, imports, runs, sources } from '../schema/index.ts';

/** A build that is written to is gone or published: whoever writes has been overtaken and should stop. */
export class BuildClosedError extends Error {
  override readonly name = 'BuildClosedError';

  constructor(buildId: number) {
    super(`build ${buildId} takes no more features: it was published, or given up for a newer one`);
  }
}

/**
 * Begins the dashboards of an SAE. Nobody sees anything of it before publishBuild. What an earlier, unpublished attempt
 * of the same run left is removed, and that attempt, should it still be at work, meets a BuildClosedError.
 *
 * @param build.source the SAE; its name is taken if it is new
 * @param build.tokenSetId what the examples' contexts refer to
 * @param build.tokens tokens scanned
 * @returns the id that insertFeatures and publishBuild take
 */
export async function createBuild(
  db: Db,
  { source, tokenSetId, tokens }: { source: SourceRecord; tokenSetId: number; tokens: number },
): Promise<number> {
  const { id: sourceId, modelId, runId, ...sae } = source;
  return db.transaction(async (tx) => {
    await tx.insert(sources).values({ modelId, id: sourceId }).onConflictDoNothing();
    if (runId !== null) {
      const attempts = await tx
        .select({ id: builds.id })
        .from(builds)
        .where(and(eq(builds.runId, runId), isNull(builds.publishedAt)));
      for (const { id } of attempts) await deleteBuild(tx, id);
    }
    const row = { ...sae, modelId, sourceId, runId, tokenSetId, tokens };
    const [made] = await tx.insert(builds).values(row).returning({ id: builds.id });
    return made!.id;
  });
}

/**
 * Adds features to an unpublished build, all of them or none.
 *
 * @param options.exact keep the examples' activations as float32, as an import brought them
 * @throws BuildClosedError when the build was published or removed
 * @throws RangeError when an example cannot be packed, see packExamples
 */
export async function insertFeatures(
  db: Db,
  buildId: number,
  records: readonly FeatureRecord[],
  options: PackOptions = {},
): Promise<void> {
  const rows = records.map((record) => ({ buildId, ...packed(record, options) }));
  await db.transaction(async (tx) => {
    // Holds publishing and removal off until this is in.
    const open = and(eq(builds.id, buildId), isNull(builds.publishedAt));
    const found = await tx.select({ id: builds.id }).from(builds).where(open).for('share');
    if (found.length === 0) throw new BuildClosedError(buildId);
    await copyRows(
      tx,
      features,
      rows.map(({ examples: _examples, ...row }) => row),
    );
    await copyRows(
      tx,
      featureExamples,
      rows.map(({ index, examples }) => ({ buildId, index, examples })),
    );
  });
}

/** A record as its two rows hold it. */
export function packed(record: FeatureRecord, options: PackOptions) {
  const { histogram, topLogits, bottomLogits, topTokens, examples, groups, details, ...numbers } = record;
  return {
    ...numbers,
    histogram: packHistogram(histogram),
    topLogits: packTokenValues(topLogits),
    bottomLogits: packTokenValues(bottomLogits),
    topTokens: packTokenValues(topTokens),
    examples: packExamples({ examples, groups }, options),
    details: packDetails(details),
  };
}

/**
 * Shows a build to everybody, in place of the one before: one statement, so that no reader sees a mixture.
 * Publishing a build again changes nothing.
 *
 * @throws BuildClosedError when the build is gone or was replaced by a newer one
 */
export async function publishBuild(db: Db, buildId: number): Promise<void> {
  const rows = await db.execute(sql`
    with counted as (
      select count(*)::int as total, count(*) filter (where ${features.firings} > 0)::int as live
      from ${features} where ${features.buildId} = ${buildId}
    ), published as (
      update ${builds} set published_at = coalesce(published_at, now()),
        feature_count = counted.total, live_feature_count = counted.live
      from counted where ${builds.id} = ${buildId} and ${builds.supersededAt} is null
      returning model_id, source_id
    ), superseded as (
      update ${builds} set superseded_at = now()
      from ${sources} join published on published.model_id = ${sources.modelId} and published.source_id = ${sources.id}
      where ${builds.id} = ${sources.currentBuildId} and ${builds.id} <> ${buildId}
    )
    update ${sources} set current_build_id = ${buildId}
    from published where ${sources.modelId} = published.model_id and ${sources.id} = published.source_id
    returning ${sources.id}`);
  if (rows.length === 0) throw new BuildClosedError(buildId);
}

/** The newest build of a run, published or not; null when it has made none. */
export async function findBuildOfRun(
  db: Db,
  runId: string,
): Promise<{ id: number; modelId: string; sourceId: string; tokenSetId: number; published: boolean } | null> {
  const { id, modelId, sourceId, tokenSetId } = builds;
  const [row] = await db
    .select({ id, modelId, sourceId, tokenSetId, published: sql<boolean>`${builds.publishedAt} is not null` })
    .from(builds)
    .where(eq(builds.runId, runId))
    .orderBy(sql`${builds.id} desc`)
    .limit(1);
  return row ?? null;
}

/** Removes a build with everything in it. A source that shows it shows nothing afterwards. */
export async function deleteBuild(db: Db, buildId: number): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.update(sources).set({ currentBuildId: null }).where(eq(sources.currentBuildId, buildId));
    // First the row that insertFeatures holds on to, so that nothing is added behind our back.
    await tx.delete(builds).where(eq(builds.id, buildId));
    await tx.delete(features).where(eq(features.buildId, buildId));
    await tx.delete(featureExamples).where(eq(featureExamples.buildId, buildId));
  });
}

/**
 * Removes builds that nobody will look at again: replaced ones, and unpublished ones whose run is over or unknown.
 * Young ones are spared, because a reader may be in the middle of one, and those of an import that was interrupted in the
 * last seven days, because it may go on.
 *
 * @param options.minutes how old is old enough, 60 unless told
 * @returns how many were removed
 */
export async function reapBuilds(db: Db, { minutes = 60 }: { minutes?: number } = {}): Promise<number> {
  const old = sql`now() - make_interval(mins => ${minutes})`;
  const rows = await db
    .select({ id: builds.id })
    .from(builds)
    .leftJoin(runs, eq(runs.id, builds.runId))
    .leftJoin(sources, eq(sources.currentBuildId, builds.id))
    .where(
      and(
        isNull(sources.id),
        sql`case when ${builds.publishedAt} is null
          then ${builds.createdAt} < ${old} and coalesce(${runs.status}, 'failed') not in ('queued', 'running')
            and not exists (select from ${imports} where ${imports.buildId} = ${builds.id}
              and ${imports.startedAt} > now() - interval '7 days')
          else coalesce(${builds.supersededAt}, ${builds.publishedAt}) < ${old} end`,
      ),
    );
  for (const { id } of rows) await deleteBuild(db, id);
  return rows.length;
}
