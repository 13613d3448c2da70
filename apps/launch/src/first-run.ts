import { trainingRequestSchema, type TrainingRequest } from '@monosema/catalog';

/**
 * The run that a first start queues: a TopK SAE on the residual stream after block 2 of the bundled model,
 * 1,500 steps of 2,048 tokens.
 */
export const firstRun: TrainingRequest = trainingRequestSchema.parse({
  modelId: 'stories-260k',
  dataSetId: 'tinystories',
  sourceId: '2-res-tk',
  hookPoint: 'blocks.2.hook_resid_post',
  architecture: 'topk',
  dSae: 1024,
  k: 8,
  learningRate: 4e-3,
  trainingTokens: 1500 * 2048,
  batchTokens: 2048,
  contextSize: 128,
});
