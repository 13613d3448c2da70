import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '@monosema/engine';
import { cacheActivations, openCachedActivations, type TrainingData } from '@monosema/sae/training';
import { forOption } from '../exit.ts';
import { withEngine, withSession, type Session } from '../session.ts';
import { bar, Progress } from '../terminal.ts';
import type { TrainOptions } from './command.ts';
import type { ConfigFile } from './config-file.ts';
import { runsOf, trainedModel, type NamedRun, type TrainedModel } from './runs.ts';
import { dataSetName, trainingText } from './text.ts';

/** The SAEs to train, and what they are trained on. */
export interface Training {
  engine: Engine;
  runs: readonly NamedRun[];
  /** What runs are of, in words. */
  modelId: string;
  /** Ready when it is asked for: text is read, activations are written. Closed by whoever asked. */
  open(runs: readonly NamedRun[]): Promise<{ data: TrainingData; close(): Promise<void> }>;
}

/** Opens engine and model, unless the activations are on disk and no model is asked for, and runs `work`. */
export async function withTraining(
  options: TrainOptions,
  config: ConfigFile | null,
  work: (training: Training) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const cache = options.cache ?? config?.cachedActivations ?? undefined;
  const isCached =
    cache !== undefined &&
    (await access(join(cache, 'manifest.json')).then(
      () => true,
      () => false,
    ));
  const model = options.model ?? (isCached ? undefined : config?.modelName);
  if (isCached && model === undefined)
    await withEngine(options, (engine) => withCachedTraining({ engine }, cache, options, config, work));
  else
    await withSession(
      { ...options, model },
      async (session) => {
        if (isCached) await withCachedTraining(session, cache, options, config, work);
        else await work(await textTraining(session, { ...options, cache }, config, signal));
      },
      signal,
    );
}

async function withCachedTraining(
  { engine, model }: Pick<Session, 'engine'> & Partial<Session>,
  folder: string,
  options: TrainOptions,
  config: ConfigFile | null,
  work: (training: Training) => Promise<void>,
): Promise<void> {
  const activations = await forOption('--cache', () => openCachedActivations(folder, { model }));
  try {
    const { model: of, hookPoints, contextSize, dataSetId } = activations.manifest;
    const [hookPoint = ''] = Object.keys(hookPoints);
    const trained: TrainedModel = {
      ...{ id: of.id, hookPoint, contextSize: { usual: contextSize, most: contextSize } },
      width: (name) => activations.width(name),
    };
    const runs = await runsOf(options, config, { model: trained, dataSetId });
    const data = { activations, ...(model && { model }) };
    const open: Training['open'] = async () => Promise.resolve({ data, close: async () => undefined });
    await work({ engine, runs, modelId: of.id, open });
  } finally {
    await activations.close();
  }
}

async function textTraining(
  { engine, model }: Session,
  options: TrainOptions,
  config: ConfigFile | null,
  signal: AbortSignal,
): Promise<Training> {
  const data = options.data ?? (config?.request.dataSetId || 'tinystories');
  const dataSetId = await dataSetName(data);
  const all = await runsOf(options, config, { model: trainedModel(model), dataSetId });
  const { cache: folder } = options;
  const open: Training['open'] = async (runs) => {
    const [{ request }] = runs as [NamedRun, ...NamedRun[]];
    const { contextSize, trainingTokens: tokens } = request;
    const text = await trainingText({ ...options, data, contextSize, tokens, packing: config?.text }, model, signal);
    const excludedTokens = excludedBy(config);
    if (folder === undefined) return { data: { model, ...text, excludedTokens }, close: async () => undefined };
    const hooks = all.flatMap(({ request: { hookPoint, hookPointOut = hookPoint } }) => [hookPoint, hookPointOut]);
    await writeCache({
      engine,
      model,
      ...text,
      excludedTokens,
      hookPoints: [...new Set(hooks)],
      folder,
      dataSetId,
      signal,
    });
    const activations = await forOption('--cache', () => openCachedActivations(folder, { model }));
    return { data: { activations, model }, close: () => activations.close() };
  };
  return { engine, runs: all, modelId: model.id, open };
}

/** What a config of SAELens leaves out of the training; undefined is every special token, as without a config. */
function excludedBy(config: ConfigFile | null): readonly number[] | undefined {
  const excluded = config?.text.excludeSpecialTokens;
  if (excluded === false) return [];
  return typeof excluded === 'object' ? excluded : undefined;
}

async function writeCache(options: Parameters<typeof cacheActivations>[0]): Promise<void> {
  const progress = new Progress();
  try {
    for await (const { done, total } of cacheActivations(options))
      progress.update(`${bar(done, total)}  activations of ${done} of ${total} tokens on disk`);
  } finally {
    progress.clear();
  }
}
