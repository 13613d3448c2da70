import { noDetails, type DecoderView, type FeatureRecord } from '@monosema/catalog';
import type { Engine } from '@monosema/engine';
import { compileForward, type Model } from '@monosema/model';
import { compileEncode, outputWidth, type Sae } from '@monosema/sae';
import { decoderViews } from './directions/decoder-views.ts';
import { DashboardAccumulator } from './dashboard-accumulator.ts';
import { logitEffects, writesResidual, type LogitEffects } from './directions/logit-effects.ts';
import { scoreFeature } from './score.ts';
import { dashboardSettingsSchema, type DashboardSettings, type DashboardSettingsInput } from './settings.ts';
import type { SparseRows } from '@monosema/sae';

export interface DashboardOptions {
  engine: Engine;
  model: Model;
  sae: Sae;
  /** Rows of the token set, all of the same length; their numbers are what examples refer to. */
  contexts: readonly Int32Array[];
  settings?: DashboardSettingsInput;
  signal?: AbortSignal;
  /** Memory for firings before they go to a temporary file, bytes. Default 128 MiB. */
  memoryBytes?: number;
}

export type DashboardEvent =
  { kind: 'progress'; done: number; total: number } | { kind: 'features'; features: FeatureRecord[] };

const featuresPerEvent = 256;

/**
 * The records of every feature of an SAE, from one pass of the model over the text.
 *
 * Yields progress in tokens while the model reads, then all features in order of index, in batches ready to be stored;
 * dead features are among them, with score 0.
 *
 * @throws the signal's reason when aborted; RangeError when there is no context, or their lengths differ
 * @example
 * for await (const event of buildDashboards({ engine, model, sae, contexts })) {
 *   if (event.kind === 'features') await insertFeatures(db, buildId, event.features);
 * }
 */
export async function* buildDashboards(options: DashboardOptions): AsyncGenerator<DashboardEvent> {
  const { model, sae, contexts, signal, memoryBytes } = options;
  const settings = dashboardSettingsSchema.parse(options.settings ?? {});
  const contextSize = contexts[0]?.length;
  if (!contextSize) throw new RangeError('dashboards need at least one context of text');
  const { dSae, contract } = sae.config;
  const accumulator = new DashboardAccumulator({
    dSae,
    contextSize,
    excludedTokens: contract.excludedTokens,
    settings,
    memoryBytes,
  });
  try {
    const total = contexts.length * contextSize;
    yield { kind: 'progress', done: 0, total };
    for await (const { first, ids, active } of activationsOf(options, contextSize, settings.batchContexts)) {
      ids.forEach((context, i) => accumulator.add(first + i, context, active, i * contextSize));
      yield { kind: 'progress', done: Math.min(total, (first + ids.length) * contextSize), total };
    }
    const [effects, decoders] = [await effectsOf(options, settings), await decodersOf(options, settings)];
    yield* recordsOf(accumulator, contexts, { effects, decoders }, model, signal);
  } finally {
    accumulator.close();
  }
}

/** Logit effects of every feature; none for an SAE outside the residual stream. */
async function effectsOf(
  { engine, model, sae, contexts, signal }: DashboardOptions,
  settings: DashboardSettings,
): Promise<LogitEffects[]> {
  const { contract } = sae.config;
  if (!writesResidual(contract.hookPoint)) return [];
  const seen = new Set(contexts.flatMap((context) => [...new Set(context)]));
  for (const token of contract.excludedTokens) seen.delete(token);
  const tokens = settings.logitTokens === 'seen' ? [...seen].sort((a, b) => a - b) : undefined;
  return logitEffects(engine, sae.parameters.W_dec, contract.dIn, model.unembedding(), {
    size: settings.logits,
    bins: settings.logitBins,
    tokens,
    signal,
  });
}

/** What each decoder direction says by itself; those of attention SAEs by head as well. */
function decodersOf(
  { engine, sae, model, signal }: DashboardOptions,
  settings: DashboardSettings,
): Promise<DecoderView[]> {
  const { config, parameters } = sae;
  const { nearest, alignment } = settings;
  const heads = config.reshape === 'hook_z' ? model.config.heads : 0;
  return decoderViews(engine, parameters.W_dec, outputWidth(config), { nearest, alignment, heads, signal });
}

/** By feature. */
interface Directions {
  effects: readonly LogitEffects[];
  decoders: readonly DecoderView[];
}

const noEffects: LogitEffects = { topLogits: [], bottomLogits: [], logitHistogram: null };

interface ContextBatch {
  first: number;
  ids: readonly Int32Array[];
  active: SparseRows;
}

/** The sparse activations of the contexts, batch by batch; the engine works on the next batch while the caller counts this one. */
async function* activationsOf(
  { engine, model, sae, contexts, signal }: DashboardOptions,
  contextSize: number,
  batchContexts: number,
): AsyncGenerator<ContextBatch> {
  const { hookPoint } = sae.config.contract;
  const forward = await compileForward(engine, model, { length: contextSize, taps: [hookPoint] });
  const encoder = await compileEncode(engine, sae);
  const encodeFrom = async (first: number): Promise<ContextBatch> => {
    const ids = contexts.slice(first, first + batchContexts);
    const taps = await forward.run(concatenate(ids, contextSize));
    const active = await encoder.encode(taps[hookPoint]!.data as Float32Array);
    return { first, ids, active };
  };
  let next: Promise<ContextBatch> | null = encodeFrom(0);
  try {
    while (next) {
      const batch: ContextBatch = await next;
      signal?.throwIfAborted();
      const following = batch.first + batch.ids.length;
      next = following < contexts.length ? encodeFrom(following) : null;
      // Whoever stops listening must not leave a rejection behind.
      next?.catch(() => undefined);
      yield batch;
    }
  } finally {
    await next?.catch(() => undefined);
    await forward.dispose();
    await encoder.dispose();
  }
}

function concatenate(contexts: readonly Int32Array[], contextSize: number): Int32Array {
  const ids = new Int32Array(contexts.length * contextSize);
  contexts.forEach((context, i) => {
    if (context.length !== contextSize)
      throw new RangeError(`a context has ${context.length} tokens, the first has ${contextSize}`);
    ids.set(context, i * contextSize);
  });
  return ids;
}

async function* recordsOf(
  accumulator: DashboardAccumulator,
  contexts: readonly Int32Array[],
  { effects, decoders }: Directions,
  model: Model,
  signal: AbortSignal | undefined,
): AsyncGenerator<DashboardEvent> {
  const tokenAt = (context: number, position: number): number => contexts[context]![position]!;
  let features: FeatureRecord[] = [];
  for (const statistics of accumulator.finish((context) => contexts[context]!)) {
    const { topLogits, bottomLogits, logitHistogram } = effects[statistics.index] ?? noEffects;
    const decoder = decoders[statistics.index] ?? null;
    const score = scoreFeature(statistics, { vocabulary: model.tokenizer.vocabulary, tokenAt });
    const details = { ...noDetails, ...statistics.details, logitHistogram, decoder };
    features.push({ ...statistics, topLogits, bottomLogits, score, details });
    if (features.length === featuresPerEvent) {
      signal?.throwIfAborted();
      yield { kind: 'features', features };
      features = [];
    }
  }
  if (features.length > 0) yield { kind: 'features', features };
}
