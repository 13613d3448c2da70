import type { FeatureAddress, FeatureRecord, SearchDocument, TokenValue, Vocabulary } from '@monosema/catalog';

/**
 * What a search engine should know of a feature: its labels, and its tokens as words (spaces around them removed, each
 * once, those without a letter or sign left out).
 *
 * @example searchDocument(record, vocabulary, { modelId: 'stories-260k', sourceId: '2-res-tk', index: 7 }, ['dogs'])
 */
export function searchDocument(
  record: Pick<FeatureRecord, 'topTokens' | 'topLogits' | 'density' | 'score'>,
  vocabulary: Vocabulary,
  address: FeatureAddress,
  labels: readonly string[] = [],
): SearchDocument {
  return {
    ...address,
    labels: [...labels],
    topTokens: wordsOf(record.topTokens, vocabulary),
    topLogits: wordsOf(record.topLogits, vocabulary),
    density: record.density,
    score: record.score,
  };
}

function wordsOf(tokens: readonly TokenValue[], vocabulary: Vocabulary): string[] {
  const words = tokens.map(({ token }) => vocabulary.textOf(token).trim());
  // An unfinished character or a control byte is no word that anybody types, and Postgres stores no NUL.
  return [...new Set(words)].filter((word) => word !== '' && !/[\ufffd\p{Cc}]/u.test(word));
}
