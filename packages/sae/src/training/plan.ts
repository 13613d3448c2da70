import { trainingRequestSchema, type TrainingRequest } from '@monosema/catalog';
import { hookPointNamed } from '@monosema/model';
import { z } from 'zod';
import { saeConfigSchema, type SaeConfig } from '../config/sae-config.ts';
import { trainingSettingsSchema, type TrainingSettings } from '../config/training-settings.ts';
import { checkContexts, countUsable } from '../contexts.ts';
import { ChunkOrder } from './chunk-order.ts';
import type { TrainingOptions } from './options.ts';
import { houseSettings } from './house-settings.ts';

/** Tokens of one forward pass, and of one refill of the shuffling pool (an epoch, if that is smaller). */
const CHUNK_TOKENS = 8192;
const REFILL_TOKENS = 131_072;
/** A refill takes at most this much memory. */
const REFILL_BYTES = 256 << 20;

/** What a run will do, all of it known before the first step. */
export interface TrainingPlan {
  request: TrainingRequest;
  settings: TrainingSettings;
  /** Of the SAE in training; it may be saved as another kind. */
  config: SaeConfig;
  /** Numbers per row of the store: d_in, and d_out beside it for a transcoder. */
  rowWidth: number;
  steps: number;
  metricsEvery: number;
  checkpointEvery: number;
  excluded: ReadonlySet<number>;
  order: ChunkOrder;
}

/**
 * Checks the options and decides everything that follows from them.
 * @throws Error or RangeError naming the field and what is allowed
 */
export function planTraining(options: TrainingOptions): TrainingPlan {
  const { model, trainContexts, heldOutContexts } = options;
  const request = checkRequest(options);
  const { vocabularySize } = model.config;
  checkContexts('trainContexts', trainContexts, request.contextSize, vocabularySize);
  checkContexts('heldOutContexts', heldOutContexts, request.contextSize, vocabularySize);
  const settings = options.settings ? trainingSettingsSchema.parse(options.settings) : houseSettings(request);
  const config = configOf(options, request, settings);
  const rowWidth = config.dIn + ('dOut' in config ? config.dOut : 0);
  const excluded = new Set(config.contract.excludedTokens);
  const usable = Int32Array.from(trainContexts, (context) => countUsable(context, excluded));
  const epochTokens = usable.reduce((sum, tokens) => sum + tokens, 0);
  if (epochTokens === 0) throw new RangeError('trainContexts hold nothing but special tokens');
  const steps = Math.floor(request.trainingTokens / request.batchTokens);
  return {
    request,
    settings,
    config,
    rowWidth,
    steps,
    metricsEvery: Math.min(25, Math.max(1, Math.round(steps / 100))),
    checkpointEvery: options.checkpointEverySteps ?? Math.max(1, Math.ceil(steps / 10)),
    excluded,
    order: new ChunkOrder({
      seed: request.seed,
      usable,
      contextsPerChunk: Math.max(1, Math.floor(CHUNK_TOKENS / request.contextSize)),
      refillTokens: Math.min(epochTokens, REFILL_TOKENS, Math.floor(REFILL_BYTES / (4 * rowWidth))),
    }),
  };
}

function checkRequest({ request, model }: TrainingOptions): TrainingRequest {
  const parsed = trainingRequestSchema.safeParse(request);
  if (!parsed.success) throw new RangeError(`the training request is wrong: ${z.prettifyError(parsed.error)}`);
  const { modelId, contextSize } = parsed.data;
  if (modelId !== model.id) throw new RangeError(`modelId is ${modelId}, but the model is ${model.id}`);
  if (contextSize > model.config.contextSize)
    throw new RangeError(
      `contextSize is ${contextSize}, but ${model.id} reads at most ${model.config.contextSize} tokens`,
    );
  return parsed.data;
}

function configOf(
  { model, trainContexts }: TrainingOptions,
  request: TrainingRequest,
  { sae }: TrainingSettings,
): SaeConfig {
  const { hookPoint, hookPointOut, architecture, dSae, k, widths, contextSize, dataSetId, sourceId } = request;
  const dIn = hookPointNamed(model, hookPoint).width;
  if (sae.dIn !== undefined && sae.dIn !== dIn)
    throw new RangeError(`d_in is ${sae.dIn}, but ${hookPoint} of ${model.id} has width ${dIn}`);
  const { bos, specialTokens } = model.tokenizer;
  return saeConfigSchema.parse({
    ...{ ...sae, architecture, dIn, dSae, k, widths, dataSetId, sourceId },
    ...(hookPointOut === undefined ? {} : { hookPointOut, dOut: hookPointNamed(model, hookPointOut).width }),
    reshape: hookPoint.endsWith('hook_z') ? 'hook_z' : 'none',
    contract: {
      modelId: model.id,
      ...{ hookPoint, dIn, contextSize },
      prependBos: bos !== null && trainContexts.every((context) => context[0] === bos),
      excludedTokens: [...new Set([...specialTokens, ...(bos === null ? [] : [bos])])].sort((a, b) => a - b),
    },
  });
}
