import type { Vocabulary } from '@monosema/catalog';
import type { Db } from '@monosema/db';
import { getTokenSetVocabulary, getVocabulary, type SourceSummary } from '@monosema/db/queries';

/** How many token tables a process keeps: a large one takes about 10 MB. */
const capacity = 16;

/** Token tables, read once per process; those of published sources never change. */
export class VocabularyCache {
  private readonly loaded = new Map<string, Promise<Vocabulary | null>>();

  constructor(private readonly db: Db) {}

  /** The table of a source's tokens: its model's, but for an import with tokens of its own; null when there is none yet. */
  of({ modelId, tokenSetId, hasOwnTokens }: Pick<SourceSummary, 'modelId' | 'tokenSetId' | 'hasOwnTokens'>) {
    return hasOwnTokens
      ? this.load(`token set ${tokenSetId}`, () => getTokenSetVocabulary(this.db, tokenSetId))
      : this.load(modelId, () => getVocabulary(this.db, modelId));
  }

  /** The least recently used one makes room. */
  private async load(key: string, read: () => Promise<Vocabulary | null>): Promise<Vocabulary | null> {
    const loading = this.loaded.get(key) ?? read();
    this.loaded.delete(key);
    this.loaded.set(key, loading);
    if (this.loaded.size > capacity) this.loaded.delete(this.loaded.keys().next().value!);
    const vocabulary = await loading.catch((error: unknown) => {
      this.loaded.delete(key);
      throw error;
    });
    // A model that is only just being brought in may have its table a moment later.
    if (!vocabulary) this.loaded.delete(key);
    return vocabulary;
  }
}
