import { sql } from 'drizzle-orm';
import type { SearchDocument } from '@monosema/catalog';
import type { Db } from '@monosema/db';
import { addSearchWords, labelMerger, lockSearchLabels } from '@monosema/db/queries';
import { searchDocuments } from '@monosema/db/schema';

const documentsPerInsert = 500;

/**
 * Writes documents, one transaction per source. Labels that people wrote in the meantime are taken along, and a label
 * that is being written this moment waits: it then finds the document.
 */
export async function indexDocuments(db: Db, documents: readonly SearchDocument[]): Promise<void> {
  await addSearchWords(
    db,
    documents.flatMap(({ topTokens, topLogits }) => [...topTokens, ...topLogits]),
  );
  const sources = new Map<string, SearchDocument[]>();
  for (const document of documents) {
    const key = `${document.modelId}/${document.sourceId}`;
    const known = sources.get(key);
    if (known) known.push(document);
    else sources.set(key, [document]);
  }
  for (const ofSource of sources.values()) await indexSource(db, ofSource);
}

async function indexSource(db: Db, documents: readonly SearchDocument[]): Promise<void> {
  const { modelId, sourceId } = documents[0]!;
  // The last word about a feature counts.
  const byIndex = new Map(documents.map((document) => [document.index, document]));
  await db.transaction(async (tx) => {
    await lockSearchLabels(tx, { modelId, sourceId });
    const merge = await labelMerger(tx, { modelId, sourceId, indexes: [...byIndex.keys()] });
    const rows = [...byIndex.values()].map((document) => ({ ...document, ...merge(document.index, document.labels) }));
    await addSearchWords(
      tx,
      rows.flatMap((row) => row.labelWords),
    );
    for (let first = 0; first < rows.length; first += documentsPerInsert)
      await tx
        .insert(searchDocuments)
        .values(rows.slice(first, first + documentsPerInsert))
        .onConflictDoUpdate(overwrite);
  });
}

const { modelId, sourceId, index } = searchDocuments;
const overwrite = {
  target: [modelId, sourceId, index],
  set: {
    labels: sql`excluded.labels`,
    labelWords: sql`excluded.label_words`,
    topTokens: sql`excluded.top_tokens`,
    topLogits: sql`excluded.top_logits`,
    density: sql`excluded.density`,
    score: sql`excluded.score`,
  },
};
