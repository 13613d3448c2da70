import { asc, eq, getTableColumns, sql } from 'drizzle-orm';
import { Vocabulary, type ModelRecord } from '@monosema/catalog';
import type { Db } from '../connect.ts';
import { builds, models, sources, tokenSets, tokenSetVocabularies, vocabularies } from '../schema/index.ts';

/** A model and how much of it the catalog shows. */
export interface ModelSummary extends ModelRecord {
  sourceCount: number;
  featureCount: number;
}

const { createdAt: _createdAt, ...recordColumns } = getTableColumns(models);

/** Writes a model, or what changed of it. */
export async function upsertModel(db: Db, record: ModelRecord): Promise<void> {
  const { id: _id, ...changes } = record;
  await db.insert(models).values(record).onConflictDoUpdate({ target: models.id, set: changes });
}

export async function getModel(db: Db, id: string): Promise<ModelRecord | null> {
  return (await db.select(recordColumns).from(models).where(eq(models.id, id)))[0] ?? null;
}

/** All models by id, with their published sources and features counted. */
export async function listModels(db: Db): Promise<ModelSummary[]> {
  return db
    .select({
      ...recordColumns,
      sourceCount: sql<number>`count(${builds.id})::int`,
      featureCount: sql<number>`coalesce(sum(${builds.featureCount}), 0)::int`,
    })
    .from(models)
    .leftJoin(sources, eq(sources.modelId, models.id))
    .leftJoin(builds, eq(builds.id, sources.currentBuildId))
    .groupBy(models.id)
    .orderBy(asc(models.id));
}

/** Stores the bytes of a model's tokens, all in one row. */
export async function putVocabulary(db: Db, modelId: string, vocabulary: Vocabulary): Promise<void> {
  const row = packVocabulary(vocabulary.pieces);
  await db
    .insert(vocabularies)
    .values({ modelId, ...row })
    .onConflictDoUpdate({ target: vocabularies.modelId, set: row });
}

/** The tokens of a model, or null when none were stored. */
export async function getVocabulary(db: Db, modelId: string): Promise<Vocabulary | null> {
  const [row] = await db.select().from(vocabularies).where(eq(vocabularies.modelId, modelId));
  return row ? new Vocabulary(unpackVocabulary(row)) : null;
}

/**
 * The tokens that a token set's ids stand for: its model's, then those that an import added; null when none were stored.
 */
export async function getTokenSetVocabulary(db: Db, tokenSetId: number): Promise<Vocabulary | null> {
  const [row] = await db
    .select({ model: vocabularies, own: tokenSetVocabularies })
    .from(tokenSets)
    .leftJoin(vocabularies, eq(vocabularies.modelId, tokenSets.modelId))
    .leftJoin(tokenSetVocabularies, eq(tokenSetVocabularies.tokenSetId, tokenSets.id))
    .where(eq(tokenSets.id, tokenSetId));
  if (!row || (!row.model && !row.own)) return null;
  const model = row.model ? unpackVocabulary(row.model) : [];
  if (!row.own) return new Vocabulary(model);
  return new Vocabulary([...model.slice(0, row.own.base), ...unpackVocabulary(row.own)]);
}

export interface PackedVocabulary {
  pieces: Uint8Array;
  ends: number[];
}

export function packVocabulary(pieces: readonly Uint8Array[]): PackedVocabulary {
  let end = 0;
  return { pieces: Uint8Array.from(Buffer.concat(pieces)), ends: pieces.map((piece) => (end += piece.length)) };
}

export const unpackVocabulary = ({ pieces, ends }: PackedVocabulary): Uint8Array[] =>
  ends.map((end, i) => pieces.subarray(ends[i - 1] ?? 0, end));
