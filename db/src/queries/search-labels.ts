import { and, eq, inArray, sql } from 'drizzle-orm';
import type { FeatureAddress } from '@monosema/catalog';
import type { Db } from '../connect.ts';
import { labels, searchDocuments, searchWords } from '../schema/index.ts';
import { foldText, searchWordsOf } from '../search-text.ts';

/**
 * Holds a source's labels still until the transaction ends: a label that is written while the source is being indexed
 * would else be missed by both.
 */
export async function lockSearchLabels(
  tx: Db,
  { modelId, sourceId }: { modelId: string; sourceId: string },
): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`search-labels/${modelId}/${sourceId}`}, 0))`);
}

/** Brings a feature's search document up to its labels. Call it in the transaction that changed them. */
export async function reindexLabels(db: Db, { modelId, sourceId, index }: FeatureAddress): Promise<void> {
  const here = and(
    eq(searchDocuments.modelId, modelId),
    eq(searchDocuments.sourceId, sourceId),
    eq(searchDocuments.index, index),
  );
  const [document] = await db.select({ labels: searchDocuments.labels }).from(searchDocuments).where(here);
  // What is not indexed yet takes its labels along when it is.
  if (!document) return;
  const merge = await labelMerger(db, { modelId, sourceId, indexes: [index] });
  const merged = merge(index, document.labels);
  await addSearchWords(db, merged.labelWords);
  await db.update(searchDocuments).set(merged).where(here);
}

/**
 * What features' documents should say of labels: those that people wrote here, best first, then those that came with
 * the document and that nobody hid here.
 */
export async function labelMerger(
  db: Db,
  { modelId, sourceId, indexes }: { modelId: string; sourceId: string; indexes: readonly number[] },
): Promise<(index: number, brought: readonly string[]) => { labels: string[]; labelWords: string[] }> {
  const { index, text, hidden } = labels;
  const rows = await db
    .select({ index, text, hidden })
    .from(labels)
    .where(and(eq(labels.modelId, modelId), eq(labels.sourceId, sourceId), inArray(index, [...indexes])))
    .orderBy(sql`${labels.rank} desc`, labels.createdAt, labels.id);
  return (at, brought) => {
    const here = rows.filter((row) => row.index === at);
    const visible = here.filter((row) => !row.hidden).map((row) => row.text);
    const hiddenTexts = new Set(here.filter((row) => row.hidden).map((row) => row.text));
    const texts = [...new Set([...visible, ...brought.filter((label) => !hiddenTexts.has(label))])];
    return { labels: texts, labelWords: [...new Set(texts.flatMap(searchWordsOf))] };
  };
}

/** Enters words into the dictionary that queries are corrected against. */
export async function addSearchWords(db: Db, words: Iterable<string>): Promise<void> {
  // In one order, so that two writers never wait for each other.
  const fresh = [...new Set(words)].sort();
  if (fresh.length === 0) return;
  await db.execute(sql`
    insert into ${searchWords} (word, folded)
    select w.word, w.folded from unnest(${sql.param(fresh)}::text[], ${sql.param(fresh.map(foldText))}::text[]) w(word, folded)
    where not exists (select from ${searchWords} known where known.word = w.word)
    order by w.word
    on conflict do nothing`);
}
