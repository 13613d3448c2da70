import type { TrainingRequest } from '@monosema/catalog';
import { openModelFolder } from '@monosema/hub';
import { hookPointNamed, loadModel, tokenContexts, type Model } from '@monosema/model';
import { openDataSet } from '@monosema/sample-data';

/** A model, and text as it sees it: to train on, and to measure on. */
export interface TrainingData {
  model: Model;
  /** Rows of request.contextSize token ids. */
  trainContexts: Int32Array[];
  heldOutContexts: Int32Array[];
}

/**
 * Held-out tokens to measure on: an eighth of the training tokens, so that measuring never costs more than training,
 * and no more than 128 k, beyond which the figures move less than they are shown to.
 */
const heldOutTokens = (trainingTokens: number): number => Math.min(131_072, Math.max(8192, trainingTokens / 8));

/** Opens what a request names. @throws Error naming what is unknown, and what there is */
export async function openTrainingData(request: TrainingRequest): Promise<TrainingData> {
  const { modelId, dataSetId, hookPoint, contextSize, trainingTokens } = request;
  const model = await loadModel(await openModelFolder(modelId));
  hookPointNamed(model, hookPoint);
  const dataSet = await openDataSet(dataSetId);
  const contexts = (split: 'train' | 'heldOut'): Int32Array[] =>
    tokenContexts(model.tokenizer, dataSet.documents(split), contextSize);
  const heldOutContexts = contexts('heldOut').slice(0, Math.ceil(heldOutTokens(trainingTokens) / contextSize));
  return { model, trainContexts: contexts('train'), heldOutContexts };
}
