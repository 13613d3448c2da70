import { and, eq, sql } from 'drizzle-orm';
import type { FeatureAddress, FeatureRecord, SteeringPreview } from '@monosema/catalog';
import type { Db } from '../connect.ts';
import { unpackDetails, unpackExamples } from '../packing/index.ts';
import { featureExamples, features, steeringPreviews } from '../schema/index.ts';
import { getContexts } from './data-sets.ts';
import { numbersColumns, unpackNumbers } from './feature-columns.ts';
import { getSource, type SourceSummary } from './sources.ts';
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
 * Reads a feature's page in three statements: its source, everything about it, the contexts of its examples.
 * Null when there is no such feature in what is published.
 *
 * @example
 * const page = await getFeaturePage(db, { modelId: 'gpt2-small', sourceId: '8-res-jb', index: 1234 });
 * const tokens = page?.contexts.get(page.record.examples[0]!.context);
 */
export async function getFeaturePage(db: Db, address: FeatureAddress): Promise<FeaturePage | null> {
  const source = await getSource(db, address);
  const row = source && (await readFeature(db, source.buildId, address.index));
  if (!row) return null;
  const { examples, groups } = row.examples ? unpackExamples(row.examples) : noExamples;
  const positions = examples.map((example) => example.context);
  return {
    source,
    record: { ...unpackNumbers(row.numbers), examples, groups, details: unpackDetails(row.details) },
    contexts: await getContexts(db, source.tokenSetId, positions),
    steering: previewsOf(row.baselines, row.previews),
    previous: row.previous,
    next: row.next,
  };
}

/** An import may know a feature of which it shows no text. */
const noExamples = { examples: [], groups: [] };

async function readFeature(db: Db, buildId: number, index: number) {
  const [row] = await db
    .select({
      numbers: numbersColumns,
      examples: featureExamples.examples,
      details: features.details,
      previews: steeringPreviews.previews,
      baselines: baselinesOf(buildId),
      previous: sql<number | null>`(
        select max(f."index") from ${features} f where f.build_id = ${buildId} and f."index" < ${index})`,
      next: sql<number | null>`(
        select min(f."index") from ${features} f where f.build_id = ${buildId} and f."index" > ${index})`,
    })
    .from(features)
    // By number and not by each other's columns: see currentBuildId.
    .leftJoin(featureExamples, and(eq(featureExamples.buildId, buildId), eq(featureExamples.index, index)))
    .leftJoin(steeringPreviews, and(eq(steeringPreviews.buildId, buildId), eq(steeringPreviews.index, index)))
    .where(and(eq(features.buildId, buildId), eq(features.index, index)));
  return row ?? null;
}
