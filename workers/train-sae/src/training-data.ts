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

/** Opens what a request names. @throws Error naming what is unknown, and what there is */
export async function openTrainingData({
  modelId,
  dataSetId,
  hookPoint,
  contextSize,
}: TrainingRequest): Promise<TrainingData> {
  const model = await loadModel(await openModelFolder(modelId));
  hookPointNamed(model, hookPoint);
  const dataSet = await openDataSet(dataSetId);
  const contexts = (split: 'train' | 'heldOut'): Int32Array[] =>
    tokenContexts(model.tokenizer, dataSet.documents(split), contextSize);
  return { model, trainContexts: contexts('train'), heldOutContexts: contexts('heldOut') };
}
