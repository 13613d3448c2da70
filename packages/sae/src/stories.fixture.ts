import { openEngine, type Engine } from '@monosema/engine';
import { loadModel, tokenContexts, type Model } from '@monosema/model';
import { openDataSet } from '@monosema/sample-data';

/** What a test of the bundled model on the bundled text stands on; it closes the engine. */
export interface Stories {
  engine: Engine;
  model: Model;
  contexts: Int32Array[];
}

/**
 * The bundled model, and the first `documents` of the text as contexts, `count` at most.
 * @example const { engine, model, contexts } = await openStories({ documents: 12, contextSize: 32, count: 60 });
 */
export async function openStories(text: {
  split?: 'train' | 'heldOut';
  documents: number;
  contextSize: number;
  count?: number;
}): Promise<Stories> {
  const { split = 'train', documents, contextSize, count } = text;
  const [engine, model] = await Promise.all([openEngine(), loadModel('stories-260k')]);
  const stories = (await openDataSet('tinystories')).documents(split).slice(0, documents);
  return { engine, model, contexts: tokenContexts(model.tokenizer, stories, contextSize).slice(0, count) };
}
