import { and, eq, sql } from 'drizzle-orm';
import type { FeatureAddress, FeatureRecord, SteeringPreview } from '@monosema/catalog';
import type { Db } from '../connect.ts';
import { unpackExamples } from '../packing.ts';
import { builds, featureExamples, features, sources, steeringPreviews, tokenSets } from '../schema/index.ts';
import { getContexts } from './data-sets.ts';
import { numbersColumns, unpackNumbers } from './feature-columns.ts';
import { sourceColumns, type SourceSummary } from './sources.ts';
import { baselinesOf, previewsOf } from './steering.ts';

/** All that a feature's dashboard shows. */
export interface FeaturePage {
  source: SourceSummary;
  record: FeatureRecord;
  /** Token ids of the examples' contexts, by `example.context`. */
  contexts: Map<number, Int32Array>;
  /** By prompt, then by strength; empty until they are made. */
  steering: SteeringPreview[];
  /** The features before and after it, null at the ends. */
  previous: number | null;
  next: number | null;
}

/**
 * Reads a feature's page in two statements: everything about it, then the contexts of its examples.
 * Null when there is no such feature in what is published.
 *
 * @example
 * const page = await getFeaturePage(db, { modelId: 'gpt2-small', sourceId: '8-res-jb', index: 1234 });
 * const tokens = page?.contexts.get(page.record.examples[0]!.context);
 */
export async function getFeaturePage(
  db: Db,
  { modelId, sourceId, index }: FeatureAddress,
): Promise<FeaturePage | null> {
  const [row] = await db
    .select({
      source: sourceColumns,
      numbers: numbersColumns,
      examples: featureExamples.examples,
      tokenSetId: builds.tokenSetId,
      previews: steeringPreviews.previews,
      baselines: baselinesOf(builds.id),
      previous: sql<number | null>`(${neighbour('previous')})`,
      next: sql<number | null>`(${neighbour('next')})`,
    })
    .from(sources)
    .innerJoin(builds, eq(builds.id, sources.currentBuildId))
    .innerJoin(tokenSets, eq(tokenSets.id, builds.tokenSetId))
    .innerJoin(features, and(eq(features.buildId, builds.id), eq(features.index, index)))
    .innerJoin(featureExamples, and(eq(featureExamples.buildId, builds.id), eq(featureExamples.index, index)))
    .leftJoin(steeringPreviews, and(eq(steeringPreviews.buildId, builds.id), eq(steeringPreviews.index, index)))
    .where(and(eq(sources.modelId, modelId), eq(sources.id, sourceId)));
  if (!row) return null;
  const examples = unpackExamples(row.examples);
  const positions = examples.map((example) => example.context);
  return {
    source: row.source,
    record: { ...unpackNumbers(row.numbers), examples },
    contexts: await getContexts(db, row.tokenSetId, positions),
    steering: previewsOf(row.baselines, row.previews),
    previous: row.previous,
    next: row.next,
  };
}

/** The nearest index on one side, by the primary key. */
function neighbour(side: 'previous' | 'next') {
  return side === 'next'
    ? sql`select min(f."index") from ${features} f where f.build_id = ${builds.id} and f."index" > ${features.index}`
    : sql`select max(f."index") from ${features} f where f.build_id = ${builds.id} and f."index" < ${features.index}`;
}
