import { createHash } from 'node:crypto';
import { and, asc, eq, getTableColumns, inArray } from 'drizzle-orm';
import type { DataSetRecord } from '@monosema/catalog';
import type { Db } from '../connect.ts';
import { copyRows } from '../copy.ts';
import { packTokens, unpackTokens } from '../packing/index.ts';
import { contexts as contextRows, dataSets, tokenSets } from '../schema/index.ts';

const { createdAt: _createdAt, ...recordColumns } = getTableColumns(dataSets);

/** Writes a data set, or what changed of it. */
export async function upsertDataSet(db: Db, record: DataSetRecord): Promise<void> {
  const { id: _id, ...changes } = record;
  await db.insert(dataSets).values(record).onConflictDoUpdate({ target: dataSets.id, set: changes });
}

export async function getDataSet(db: Db, id: string): Promise<DataSetRecord | null> {
  return (await db.select(recordColumns).from(dataSets).where(eq(dataSets.id, id)))[0] ?? null;
}

export async function listDataSets(db: Db): Promise<DataSetRecord[]> {
  return db.select(recordColumns).from(dataSets).orderBy(asc(dataSets.id));
}

/**
 * Stores a data set as a model's tokenizer sees it, once: the same tokens again, by whomever, give the same id.
 * Nothing of it is visible before all of it is.
 *
 * @param set.contexts rows of `contextSize` token ids; row i is found as position i
 * @returns the id of the token set
 */
export async function putTokenSet(
  db: Db,
  set: { dataSetId: string; modelId: string; contextSize: number; contexts: readonly Int32Array[] },
): Promise<number> {
  const { contexts, ...key } = set;
  const packed = contexts.map((tokens, position) => {
    if (tokens.length === set.contextSize) return packTokens(tokens);
    throw new RangeError(`context ${position} has ${tokens.length} tokens, but contextSize is ${set.contextSize}`);
  });
  const hash = createHash('sha256');
  for (const tokens of packed) hash.update(tokens);
  const row = { ...key, contextCount: contexts.length, digest: hash.digest('hex') };
  return db.transaction(async (tx) => {
    // Who comes second waits here until the first has committed.
    const [made] = await tx.insert(tokenSets).values(row).onConflictDoNothing().returning({ id: tokenSets.id });
    if (!made) return idOfTokenSet(tx, row);
    const rows = packed.map((tokens, position) => ({ tokenSetId: made.id, position, tokens }));
    await copyRows(tx, contextRows, rows);
    return made.id;
  });
}

async function idOfTokenSet(
  db: Db,
  key: { dataSetId: string; modelId: string; contextSize: number; digest: string },
): Promise<number> {
  const [row] = await db
    .select({ id: tokenSets.id })
    .from(tokenSets)
    .where(
      and(
        eq(tokenSets.dataSetId, key.dataSetId),
        eq(tokenSets.modelId, key.modelId),
        eq(tokenSets.contextSize, key.contextSize),
        eq(tokenSets.digest, key.digest),
      ),
    );
  return row!.id;
}

/** The token ids of some contexts of a token set, by position; positions that it lacks are left out. */
export async function getContexts(
  db: Db,
  tokenSetId: number,
  positions: readonly number[],
): Promise<Map<number, Int32Array>> {
  if (positions.length === 0) return new Map();
  const rows = await db
    .select({ position: contextRows.position, tokens: contextRows.tokens })
    .from(contextRows)
    .where(and(eq(contextRows.tokenSetId, tokenSetId), inArray(contextRows.position, [...new Set(positions)])));
  return new Map(rows.map(({ position, tokens }) => [position, unpackTokens(tokens)]));
}
