import type { SourceRecord } from '@monosema/catalog';
import type { Db } from '@monosema/db';
import { getTokenSetVocabulary, readFeatures, type OpenImport } from '@monosema/db/queries';
import { searchDocument } from '@monosema/pipeline';
import { openSearch } from '@monosema/search';

const featuresPerWrite = 1000;

/** Lets search find the features of an import, in the transaction that shows it. */
export async function indexImport(tx: Db, { buildId, tokenSetId }: OpenImport, source: SourceRecord): Promise<void> {
  const { modelId, id: sourceId } = source;
  const search = openSearch(tx);
  await search.removeSource(modelId, sourceId);
  const vocabulary = await getTokenSetVocabulary(tx, tokenSetId);
  if (!vocabulary) return;
  for (let after = -1; ;) {
    const features = await readFeatures(tx, buildId, { after, limit: featuresPerWrite });
    if (features.length === 0) return;
    await search.index(
      features
        .filter(({ firings, topTokens }) => firings > 0 || topTokens.length > 0)
        .map((feature) => searchDocument(feature, vocabulary, { modelId, sourceId, index: feature.index })),
    );
    after = features.at(-1)!.index;
  }
}
