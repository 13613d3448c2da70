import { layerOf, trainingRequestSchema, type TrainingRequest } from '@monosema/catalog';
import { hookPointNamed, type Model } from '@monosema/model';
import { basename } from 'node:path';
import { forOption, UsageError } from '../exit.ts';
import type { TrainOptions } from './command.ts';

const optionOf: Record<string, string> = {
  modelId: '--model',
  dataSetId: '--data',
  hookPoint: '--hook',
  architecture: '--architecture',
  dSae: '--d-sae',
  k: '--k',
  l1Coefficient: '--l1',
  learningRate: '--lr',
  trainingTokens: '--tokens',
  batchTokens: '--batch-tokens',
  contextSize: '--context-size',
  seed: '--seed',
};

/**
 * The options as the request that a worker would get, checked by the same rules.
 *
 * @throws UsageError naming the option
 */
export async function requestFrom(options: TrainOptions, model: Model): Promise<TrainingRequest> {
  const hookPoint = options.hook ?? `blocks.${Math.floor((model.config.layers - 1) / 2)}.hook_resid_post`;
  await forOption('--hook', () => hookPointNamed(model, hookPoint));
  const topk = options.architecture === 'topk';
  if (topk && options.l1 !== undefined) throw new UsageError('--l1', 'is for --architecture standard');
  if (!topk && options.k !== undefined) throw new UsageError('--k', 'is for --architecture topk');
  if (options.contextSize > model.config.contextSize)
    throw new UsageError(
      '--context-size',
      `is ${options.contextSize}, but ${model.id} reads at most ${model.config.contextSize} tokens`,
    );
  const parsed = trainingRequestSchema.safeParse({
    modelId: model.id,
    dataSetId: basename(options.data),
    sourceId: `${layerOf(hookPoint) ?? 0}-${topk ? 'tk' : 'l1'}`,
    hookPoint,
    architecture: options.architecture,
    dSae: options.dSae,
    k: topk ? (options.k ?? 8) : undefined,
    l1Coefficient: options.l1,
    learningRate: options.lr ?? (topk ? 4e-3 : 2e-3),
    trainingTokens: options.tokens,
    batchTokens: options.batchTokens,
    contextSize: options.contextSize,
    seed: options.seed,
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError(optionOf[String(issue!.path[0])] ?? String(issue!.path[0]), issue!.message);
}
