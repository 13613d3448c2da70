import { compileForward, type Forward } from '@monosema/model';
import { foldInputScale } from '../architectures/fold-input-scale.ts';
import { inferenceSae } from '../architectures/inference-sae.ts';
import { saveSae } from '../checkpoint/sae-files.ts';
import { concatContexts, spread } from '../contexts.ts';
import { evaluateSae } from '../evaluation/evaluate-sae.ts';
import type { Sae, SaeParameters } from '../sae.ts';
import { checkSameRun, loadCheckpoint, saveCheckpoint, type TrainingState } from './checkpoint.ts';
import { activationStore, hookPointsOf, rowsOf, splitRows } from './activation-rows.ts';
import { calibrateThreshold } from './calibrate-threshold.ts';
import { MetricsLog } from './metrics-log.ts';
import type { OptimiserState } from './optimiser-state.ts';
import type { TrainingEvent, TrainingOptions } from './options.ts';
import { planTraining, type TrainingPlan } from './plan.ts';
import { openProgramTrainer } from './program-trainer.ts';
import { coefficientAt, learningRateShare } from './schedule.ts';
import { SinceFired } from './since-fired.ts';
import { startOf } from './start.ts';
import { isSparseStep, openTopKTrainer } from './topk-trainer.ts';
import type { Trainer } from './trainer.ts';

/**
 * Trains an SAE on a model's activations and measures it on held-out text. Yields metrics every few steps and at the
 * last one, checkpoints, then the evaluation, then the SAE. The same request, engine and text give the same weights,
 * bit by bit, also when the run was killed and resumed from a checkpoint in between.
 *
 * Special tokens (BOS among them) are not trained on. Any architecture; what it is saved as is `inferenceSae`. By default
 * (`houseSettings`) Adam at a constant rate with linear decay over the last fifth, unit decoder rows, an auxiliary loss
 * for dead latents of TopK kinds, sparsity penalties warmed up over 5 % of the steps; `settings` say otherwise.
 *
 * @throws Error naming the field when the request, the contexts or the checkpoint are wrong; the signal's reason on abort
 * @example
 * for await (const event of trainSae({ request, model, engine, trainContexts, heldOutContexts }))
 *   if (event.kind === 'done') await writeFiles('my-sae', event.files);
 */
export async function* trainSae(options: TrainingOptions): AsyncGenerator<TrainingEvent> {
  const plan = planTraining(options);
  options.signal?.throwIfAborted();
  const resumed = options.resume ? resumeState(options.resume, plan) : undefined;
  const forward = await compileForward(options.engine, options.model, {
    length: plan.request.contextSize,
    taps: hookPointsOf(plan),
  });
  let sae: Sae;
  try {
    sae = yield* trainSteps(options, plan, resumed, forward);
  } finally {
    await forward.dispose();
  }
  const { engine, model, heldOutContexts, evaluationTokens = 131_072, signal } = options;
  const contexts = spread(heldOutContexts, evaluationTokens);
  yield { kind: 'evaluation', evaluation: await evaluateSae({ engine, model, sae, contexts, signal }) };
  yield { kind: 'done', sae, files: saveSae(sae) };
}

function resumeState(files: NonNullable<TrainingOptions['resume']>, plan: TrainingPlan): TrainingState {
  const state = loadCheckpoint(files);
  checkSameRun(state, plan);
  return state;
}

async function* trainSteps(
  options: TrainingOptions,
  plan: TrainingPlan,
  resumed: TrainingState | undefined,
  forward: Forward,
): AsyncGenerator<TrainingEvent, Sae> {
  const { request, config, settings, steps } = plan;
  const store = activationStore(options, plan, forward);
  const start = resumed ?? (await startOf(plan, store));
  const { inputScale } = start;
  const sinceFired = new SinceFired(resumed?.sinceFired ?? new Int32Array(config.dSae), settings.deadAfterSteps);
  const log = new MetricsLog(request.batchTokens, resumed?.step ?? 0);
  const trainer = await openTrainer(options, plan, start.sae.parameters, resumed?.optimiser);
  try {
    let step = resumed?.step ?? 0;
    if (step < steps) {
      for await (const rows of store.batches(step)) {
        options.signal?.throwIfAborted();
        const { x, target } = splitRows(plan, rows, inputScale);
        const learningRate = request.learningRate * learningRateShare(settings.schedule, step, steps);
        const { sparsityCoefficient, sparsityWarmUpSteps } = settings.loss;
        const coefficient = coefficientAt(sparsityCoefficient, sparsityWarmUpSteps, step);
        const dead = sinceFired.dead();
        const result = await trainer.step(x, { learningRate, dead, coefficient, ...(target && { target }) });
        if (!Number.isFinite(result.mse))
          throw new Error(
            `the loss is ${result.mse} at step ${step}: learningRate ${request.learningRate} is too high`,
          );
        sinceFired.update(result.fired);
        step += 1;
        if (step % plan.metricsEvery === 0 || step === steps)
          yield { kind: 'metrics', metrics: log.row(step, target ?? x, result, dead, learningRate, coefficient) };
        if (step % plan.checkpointEvery === 0 || step === steps)
          yield await checkpoint(plan, step, trainer, sinceFired, inputScale);
        if (step === steps) break;
      }
    }
    const trained: Sae = { config, parameters: (await trainer.read()).parameters };
    const scaled = inputScale === 1 ? trained : foldInputScale(trained, inputScale);
    return inferenceSae(settings.loss.calibrateThreshold ? await calibrated(options, plan, scaled, forward) : scaled);
  } finally {
    await trainer.close();
  }
}

/** Rows that the threshold is calibrated on: their codes are many more than the k per row that are kept. */
const CALIBRATION_ROWS = 4096;

async function calibrated(options: TrainingOptions, plan: TrainingPlan, sae: Sae, forward: Forward): Promise<Sae> {
  if (!('topk_threshold' in sae.parameters)) return sae;
  const contexts = spread(options.heldOutContexts, CALIBRATION_ROWS);
  const x = rowsOf(plan, concatContexts(contexts), await forward.run(concatContexts(contexts)));
  return x.length === 0 ? sae : calibrateThreshold(options.engine, sae, x);
}

function openTrainer(
  options: TrainingOptions,
  plan: TrainingPlan,
  parameters: SaeParameters,
  state: OptimiserState | undefined,
): Promise<Trainer> {
  const { config, request, settings } = plan;
  const { engine, threads = engine.threads } = options;
  const common = { batch: request.batchTokens, parameters, ...(state && { state }) };
  if (isSparseStep(config, settings)) {
    const { auxCoefficient } = settings.loss;
    return openTopKTrainer({ ...common, config, threads, auxCoefficient });
  }
  return openProgramTrainer({ ...common, engine, config, rules: settings.loss, optimiser: settings.optimiser });
}

async function checkpoint(
  { request, settings, config }: TrainingPlan,
  step: number,
  trainer: Trainer,
  sinceFired: SinceFired,
  inputScale: number,
): Promise<TrainingEvent> {
  const { parameters, optimiser } = await trainer.read();
  const sae = { config, parameters };
  const state = { step, request, settings, inputScale, sae, optimiser, sinceFired: sinceFired.steps.slice() };
  return { kind: 'checkpoint', step, files: saveCheckpoint(state) };
}
