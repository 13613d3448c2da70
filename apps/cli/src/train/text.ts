import { tokenContexts, type Model } from '@monosema/model';
import { dataSets, openDataSet, readTextDocuments } from '@monosema/sample-data';
import { forOption, UsageError } from '../exit.ts';

export interface TrainingText {
  trainContexts: Int32Array[];
  heldOutContexts: Int32Array[];
}

/** Share of a person's file that is kept for measuring. */
const heldOutShare = 0.05;
/** Held-out contexts that are used at most: enough for three digits. */
const mostHeldOut = 400;

/** The contexts of a bundled data set, or of a text file whose last twentieth is held out. */
export async function trainingText(data: string, model: Model, contextSize: number): Promise<TrainingText> {
  const text = await forOption('--data', () => contextsOf(data, model, contextSize));
  if (text.trainContexts.length === 0 || text.heldOutContexts.length === 0)
    throw new UsageError('--data', `${data} is too short: it must fill at least two contexts of ${contextSize} tokens`);
  return { ...text, heldOutContexts: text.heldOutContexts.slice(0, mostHeldOut) };
}

async function contextsOf(data: string, model: Model, contextSize: number): Promise<TrainingText> {
  const tokenise = (documents: string[]): Int32Array[] => tokenContexts(model.tokenizer, documents, contextSize);
  if (dataSets.some(({ id }) => id === data)) {
    const { documents } = await openDataSet(data);
    return { trainContexts: tokenise(documents('train')), heldOutContexts: tokenise(documents('heldOut')) };
  }
  if (!/[./\\]/.test(data))
    throw new Error(`no data set or file "${data}"; bundled: ${dataSets.map(({ id }) => id).join(', ')}`);
  const contexts = tokenise(await readTextDocuments(data));
  const held = Math.max(1, Math.floor(contexts.length * heldOutShare));
  return { trainContexts: contexts.slice(0, -held), heldOutContexts: contexts.slice(-held) };
}
