import type { Vocabulary } from '@monosema/catalog';
import { getVocabulary } from '@monosema/db/queries';
import type { Db } from '@monosema/db';

/** How many models' token tables a process keeps: a large one takes about 10 MB. */
const capacity = 16;

/** The token tables of models, read once per process; a model's table never changes. */
export class VocabularyCache {
  private readonly loaded = new Map<string, Promise<Vocabulary | null>>();

  constructor(private readonly db: Db) {}

  /** The table of a model, or null when it has none yet. The least recently used one makes room. */
  async of(modelId: string): Promise<Vocabulary | null> {
    const loading = this.loaded.get(modelId) ?? getVocabulary(this.db, modelId);
    this.loaded.delete(modelId);
    this.loaded.set(modelId, loading);
    if (this.loaded.size > capacity) this.loaded.delete(this.loaded.keys().next().value!);
    const vocabulary = await loading.catch((error: unknown) => {
      this.loaded.delete(modelId);
      throw error;
    });
    // A model that is only just being brought in may have its table a moment later.
    if (!vocabulary) this.loaded.delete(modelId);
    return vocabulary;
  }
}
