import { Vocabulary, type FeatureRecord, type ModelRecord, type SourceRecord } from '@monosema/catalog';
import type { Db } from '../connect.ts';
import { createBuild, insertFeatures, publishBuild } from '../queries/builds.ts';
import { putTokenSet, upsertDataSet } from '../queries/data-sets.ts';
import { putVocabulary, upsertModel } from '../queries/models.ts';
import { syntheticFeatures } from './synthetic-features.ts';

export interface SeedOptions {
  modelId?: string;
  sourceId?: string;
  /** Features of the source, synthetic unless given. */
  features?: number | readonly FeatureRecord[];
  contexts?: readonly Int32Array[];
  pieces?: readonly string[];
  runId?: string | null;
  publish?: boolean;
}

export interface SeededCatalog {
  model: ModelRecord;
  source: SourceRecord;
  dataSetId: string;
  tokenSetId: number;
  buildId: number;
  features: readonly FeatureRecord[];
}

/** A small vocabulary: words with a space before them, a letter each at the end. */
export const seedPieces = [
  '<s>',
  ...' once upon a time there was little girl who loved the golden gate bridge in San Francisco and her dog'
    .split(' ')
    .filter(Boolean)
    .map((word) => ` ${word}`),
  ...'.,!?',
];

/**
 * A model, a data set, a token set and a published source in a test's database, so that a test can say in one line
 * what it stands on.
 *
 * @example const { source } = await seedCatalog(test.orm, { features: 20 });
 */
export async function seedCatalog(db: Db, options: SeedOptions = {}): Promise<SeededCatalog> {
  const { modelId = 'toy', sourceId = '2-res-tk', pieces = seedPieces, runId = null } = options;
  const contexts = options.contexts ?? seedContexts(64, 32, pieces.length);
  const contextSize = contexts[0]!.length;
  const model = seedModel(modelId, pieces.length, contextSize);
  await upsertModel(db, model);
  await putVocabulary(db, modelId, new Vocabulary(pieces.map((piece) => new TextEncoder().encode(piece))));
  const dataSetId = 'toy-text';
  await upsertDataSet(db, { id: dataSetId, displayName: 'Toy text', origin: null, licence: null });
  const tokenSetId = await putTokenSet(db, { dataSetId, modelId, contextSize, contexts });
  const shape = { vocabularySize: pieces.length, contextSize, contextCount: contexts.length };
  const wanted = options.features ?? 14;
  const features = typeof wanted === 'number' ? syntheticFeatures(wanted, shape) : wanted;
  const source = seedSource(model, sourceId, Math.max(2, features.length), runId);
  const buildId = await createBuild(db, { source, tokenSetId, tokens: contexts.length * contextSize });
  await insertFeatures(db, buildId, features);
  if (options.publish ?? true) await publishBuild(db, buildId);
  return { model, source, dataSetId, tokenSetId, buildId, features };
}

/** Contexts whose tokens differ from each other and from place to place. */
export const seedContexts = (count: number, size: number, vocabularySize: number): Int32Array[] =>
  Array.from({ length: count }, (_, row) =>
    Int32Array.from({ length: size }, (_, at) => (at === 0 ? 0 : 1 + ((row * 7 + at * 3) % (vocabularySize - 1)))),
  );

const seedModel = (id: string, vocabularySize: number, contextSize: number): ModelRecord => ({
  id,
  displayName: `Model ${id}`,
  architecture: 'llama',
  layers: 5,
  dModel: 64,
  vocabularySize,
  contextSize,
  origin: null,
  licence: null,
  hookPoints: [{ name: 'blocks.2.hook_resid_post', layer: 2, width: 64 }],
});

const seedSource = (model: ModelRecord, id: string, dSae: number, runId: string | null): SourceRecord => ({
  modelId: model.id,
  id,
  architecture: 'topk',
  dSae,
  hookPoint: 'blocks.2.hook_resid_post',
  contract: {
    modelId: model.id,
    hookPoint: 'blocks.2.hook_resid_post',
    dIn: 64,
    contextSize: model.contextSize ?? 32,
    prependBos: true,
    excludedTokens: [0],
  },
  evaluation: null,
  provenance: null,
  runId,
});
