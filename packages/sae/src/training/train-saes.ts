import { saveSae } from '../checkpoint/sae-files.ts';
import { concatContexts, spreadPlaces, usableRows, spread } from '../contexts.ts';
import { evaluateSaeWithFeatures } from '../evaluation/evaluate-sae.ts';
import type { Sae } from '../sae.ts';
import { modelSource, type ActivationReader, type ActivationSource } from './activation-source.ts';
import { DivergedError, type SaesEvent, type TrainingConduct, type TrainSaesOptions } from './options.ts';
import { planTraining, type TrainingPlan } from './plan.ts';
import { SharedChunks } from './shared-chunks.ts';
import { sparsityFile, withTrainingMetadata } from './trained-sae.ts';
import { resumeState, TrainingRun } from './training-run.ts';

/**
 * Trains several SAEs, at one hook point or at many, on the activations of one forward pass, and measures each on
 * held-out text. Every SAE comes out as if it had been trained alone: the tokens of a run and their order depend on its
 * seed only, and runs of one seed share what the model computed. Steps are taken in turn, whoever has seen the fewest
 * tokens next, so that no activation is kept for long; a resumed run catches up first.
 *
 * Instead of model and text, `activations` on disk do (`openCachedActivations`); without a model there is no evaluation.
 * Events are those of `trainSae`, with the run's place and name. A run whose loss explodes ends with `failed`, the
 * others go on.
 *
 * @throws Error naming the run and the field when a request, the contexts or a checkpoint are wrong; the signal's reason
 * on abort
 * @example
 * const runs = sweepRuns({ request }, { k: [8, 16, 32], learningRate: [1e-3, 3e-3] });
 * for await (const event of trainSaes({ runs, model, engine, trainContexts, heldOutContexts }))
 *   if (event.kind === 'done') await writeFiles(join('sweep', event.name), event.files);
 */
export async function* trainSaes(options: TrainSaesOptions): AsyncGenerator<SaesEvent> {
  const { engine, signal } = options;
  signal?.throwIfAborted();
  const source = sourceOf(options);
  const named = planRuns(options, source);
  const hookPoints = [...new Set(named.flatMap(({ plan }) => plan.hookPoints))];
  const contextSize = named[0]!.plan.request.contextSize;
  const saes: (Sae | undefined)[] = [];
  const reader = await source.open(hookPoints, contextSize);
  try {
    yield* trainInTurn(options, source, reader, named, saes);
  } finally {
    await reader.close();
  }
  const { model, evaluationTokens = 131_072 } = options;
  const contexts = evaluationTokens > 0 ? spread(source.contexts.heldOut, evaluationTokens) : [];
  for (const [run, { name, plan }] of named.entries()) {
    const trained = saes[run];
    if (!trained) continue;
    const measured =
      model &&
      contexts.length > 0 &&
      (await evaluateSaeWithFeatures({ engine, model, sae: trained, contexts, signal }));
    if (measured) yield { kind: 'evaluation', evaluation: measured.evaluation, run, name };
    const sae = withTrainingMetadata(trained, plan, measured ? measured.evaluation : null);
    const files = { ...saveSae(sae), ...(measured && sparsityFile(measured.features.density)) };
    yield { kind: 'done', sae, files, run, name };
  }
}

function sourceOf(options: TrainSaesOptions): ActivationSource {
  if (!options.activations) return modelSource(options.engine, options);
  if (options.model) options.activations.checkModel(options.model);
  return options.activations;
}

interface NamedPlan {
  name: string;
  plan: TrainingPlan;
  resumed: ReturnType<typeof resumeState>;
}

function planRuns({ runs, checkpointEverySteps }: TrainSaesOptions, source: ActivationSource): NamedPlan[] {
  if (runs.length === 0) throw new RangeError('runs is empty: at least one SAE is needed');
  const named = runs.map((run, place) => {
    const name = run.name ?? String(place);
    try {
      const plan = planTraining(run, source, checkpointEverySteps);
      return { name, plan, resumed: resumeState(run, plan) };
    } catch (error) {
      if (runs.length === 1 || !(error instanceof Error)) throw error;
      throw new Error(`run ${name}: ${error.message}`, { cause: error });
    }
  });
  const twice = named.find(({ name }, place) => named.findIndex((other) => other.name === name) !== place);
  if (twice) throw new RangeError(`two runs are called ${twice.name}`);
  return named;
}

async function* trainInTurn(
  options: TrainSaesOptions,
  source: ActivationSource,
  reader: ActivationReader,
  named: readonly NamedPlan[],
  saes: (Sae | undefined)[],
): AsyncGenerator<SaesEvent> {
  const open = new Map<number, TrainingRun>();
  try {
    const chunks = chunksOf(options, source, reader, named);
    const readers = named.map(({ plan }) => chunks(plan.dataSeed).reader());
    for (const [place, { plan, resumed }] of named.entries())
      open.set(place, await TrainingRun.open(options, plan, readers[place]!, resumed));
    for (;;) {
      const next = nextOf(open);
      if (!next) return;
      const [place, run] = next;
      const { name, plan } = named[place]!;
      try {
        if (!run.isTrained) {
          options.signal?.throwIfAborted();
          for await (const event of run.advance()) yield { ...event, run: place, name };
          continue;
        }
        saes[place] = await run.finish(() => calibrationRows(source, reader, plan));
      } catch (error) {
        if (!(error instanceof DivergedError) || named.length === 1) throw error;
        yield { kind: 'failed', error, run: place, name };
      }
      open.delete(place);
      await run.close();
    }
  } finally {
    for (const run of open.values()) await run.close();
  }
}

/** The run that has seen the fewest tokens; the first of those. */
function nextOf(open: ReadonlyMap<number, TrainingRun>): [number, TrainingRun] | undefined {
  return [...open].reduce<[number, TrainingRun] | undefined>(
    (least, entry) => (least === undefined || entry[1].tokens < least[1].tokens ? entry : least),
    undefined,
  );
}

/** The chunks that runs of a seed share. */
function chunksOf(
  { activationCacheBytes = 256 << 20, signal }: TrainingConduct,
  source: ActivationSource,
  reader: ActivationReader,
  named: readonly NamedPlan[],
): (seed: number) => SharedChunks {
  const seeds = [...new Set(named.map(({ plan }) => plan.dataSeed))];
  const excluded = new Set(source.excludedTokens);
  const cacheBytes = activationCacheBytes / seeds.length;
  const shared = new Map<number, SharedChunks>();
  for (const seed of seeds) {
    const plans = named.map(({ plan }) => plan).filter(({ dataSeed }) => dataSeed === seed);
    const hookPoints = [...new Set(plans.flatMap((plan) => plan.hookPoints))];
    const widths = Object.fromEntries(hookPoints.map((name) => [name, source.width(name)]));
    const { order } = plans[0]!;
    shared.set(
      seed,
      new SharedChunks({ order, reader, contexts: source.contexts.train, excluded, widths, cacheBytes, signal }),
    );
  }
  return (seed) => shared.get(seed)!;
}

/** Rows that a threshold is calibrated on: their codes are many more than the k per row that are kept. */
const CALIBRATION_ROWS = 4096;

async function calibrationRows(
  source: ActivationSource,
  reader: ActivationReader,
  { request, config }: TrainingPlan,
): Promise<Float32Array> {
  const { heldOut } = source.contexts;
  const places = spreadPlaces(heldOut.length, request.contextSize, CALIBRATION_ROWS);
  const values = await reader.read('heldOut', places);
  const ids = concatContexts(Array.from(places, (place) => heldOut[place]!));
  return usableRows(ids, values[request.hookPoint]!, config.dIn, new Set(source.excludedTokens));
}
