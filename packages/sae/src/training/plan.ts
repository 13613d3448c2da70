import { trainingRequestSchema, type TrainingRequest } from '@monosema/catalog';
import { z } from 'zod';
import { saeConfigSchema, type SaeConfig } from '../config/sae-config.ts';
import { trainingSettingsSchema, type TrainingSettings } from '../config/training-settings.ts';
import { checkContexts, countUsable } from '../contexts.ts';
import type { ActivationSource } from './activation-source.ts';
import { ChunkOrder } from './chunk-order.ts';
import type { SaeRun } from './options.ts';
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
  /** What must be read for it: the hook point, and the one that a transcoder predicts. */
  hookPoints: string[];
  /** Runs of the same read the text in the same order. */
  dataSeed: number;
  steps: number;
  metricsEvery: number;
  checkpointEvery: number;
  order: ChunkOrder;
}

/**
 * Checks a run and decides everything that follows from it.
 * @throws Error or RangeError naming the field and what is allowed
 */
export function planTraining(
  run: SaeRun,
  source: ActivationSource,
  checkpointEverySteps: number | undefined,
): TrainingPlan {
  const request = checkRequest(run.request, source);
  checkContexts('trainContexts', source.contexts.train, request.contextSize, source.vocabularySize);
  checkContexts('heldOutContexts', source.contexts.heldOut, request.contextSize, source.vocabularySize);
  const settings = run.settings ? trainingSettingsSchema.parse(run.settings) : houseSettings(request);
  const config = configOf(source, request, settings);
  const dataSeed = settings.dataSeed ?? request.seed;
  const steps = Math.floor(request.trainingTokens / request.batchTokens);
  const { hookPoint, hookPointOut = hookPoint } = request;
  return {
    request,
    settings,
    config,
    hookPoints: [...new Set([hookPoint, hookPointOut])],
    dataSeed,
    steps,
    metricsEvery: Math.min(25, Math.max(1, Math.round(steps / 100))),
    checkpointEvery: checkpointEverySteps ?? Math.max(1, Math.ceil(steps / 10)),
    order: orderOf(source, request, config, dataSeed),
  };
}

/** The order of a run's tokens; its chunks are the same for all runs of one seed. */
function orderOf(
  { contexts, excludedTokens }: ActivationSource,
  request: TrainingRequest,
  config: SaeConfig,
  seed: number,
): ChunkOrder {
  const excluded = new Set(excludedTokens);
  const usable = Int32Array.from(contexts.train, (context) => countUsable(context, excluded));
  const epochTokens = usable.reduce((sum, tokens) => sum + tokens, 0);
  if (epochTokens === 0) throw new RangeError('trainContexts hold nothing but special tokens');
  const rowBytes = 4 * (config.dIn + ('dOut' in config ? config.dOut : 0));
  return new ChunkOrder({
    seed,
    usable,
    contextsPerChunk: Math.max(1, Math.floor(CHUNK_TOKENS / request.contextSize)),
    refillTokens: Math.min(epochTokens, REFILL_TOKENS, Math.floor(REFILL_BYTES / rowBytes)),
  });
}

function checkRequest(request: TrainingRequest, source: ActivationSource): TrainingRequest {
  const parsed = trainingRequestSchema.safeParse(request);
  if (!parsed.success) throw new RangeError(`the training request is wrong: ${z.prettifyError(parsed.error)}`);
  const { modelId, contextSize } = parsed.data;
  if (modelId !== source.modelId) throw new RangeError(`modelId is ${modelId}, but the model is ${source.modelId}`);
  if (contextSize > source.contextSize)
    throw new RangeError(
      `contextSize is ${contextSize}, but ${source.modelId} reads at most ${source.contextSize} tokens`,
    );
  return parsed.data;
}

function configOf(source: ActivationSource, request: TrainingRequest, { sae }: TrainingSettings): SaeConfig {
  const { hookPoint, hookPointOut, architecture, dSae, k, widths, contextSize, dataSetId, sourceId } = request;
  const dIn = source.width(hookPoint);
  if (sae.dIn !== undefined && sae.dIn !== dIn)
    throw new RangeError(`d_in is ${sae.dIn}, but ${hookPoint} of ${source.modelId} has width ${dIn}`);
  return saeConfigSchema.parse({
    ...{ ...sae, architecture, dIn, dSae, k, widths, dataSetId, sourceId },
    ...(hookPointOut === undefined ? {} : { hookPointOut, dOut: source.width(hookPointOut) }),
    reshape: hookPoint.endsWith('hook_z') ? 'hook_z' : 'none',
    contract: {
      modelId: source.modelId,
      ...{ hookPoint, dIn, contextSize },
      prependBos: source.prependBos,
      excludedTokens: [...source.excludedTokens],
    },
  });
}
