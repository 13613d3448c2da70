import { findBuildOfRun, getSource, getTokenSetVocabulary, readFeatures } from '@monosema/db/queries';
import type { StageHandler } from '@monosema/jobs';
import { searchDocument } from '@monosema/pipeline';
import { openSearch } from '@monosema/search';

const featuresPerWrite = 1000;

/**
 * Writes the search documents of the source that a run published. It begins with none, so that a second attempt leaves
 * what one attempt would.
 */
export function indexSearchHandler(): StageHandler {
  return async (context) => {
    const { db, runId, request } = context;
    const build = await findBuildOfRun(db, runId);
    if (!build?.published) throw new Error(`${runId} has published nothing to index`);
    const { modelId, sourceId } = build;
    const vocabulary = await getTokenSetVocabulary(db, build.tokenSetId);
    if (!vocabulary) throw new Error(`the vocabulary of ${modelId} is not stored`);
    const total = (await getSource(db, { modelId, sourceId }))?.featureCount ?? request.dSae;

    await context.fenced((tx) => openSearch(tx).removeSource(modelId, sourceId));
    let done = 0;
    for (let after = -1; ;) {
      const features = await readFeatures(db, build.id, { after, limit: featuresPerWrite });
      if (features.length === 0) break;
      const live = features.filter((feature) => feature.firings > 0);
      const documents = live.map((feature) =>
        searchDocument(feature, vocabulary, { modelId, sourceId, index: feature.index }),
      );
      await context.fenced((tx) => openSearch(tx).index(documents));
      after = features.at(-1)!.index;
      done += features.length;
      await context.report({ done, total, unit: 'features' });
    }
    return {};
  };
}
