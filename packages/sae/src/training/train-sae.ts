import type { AdamState } from '@monosema/engine/sparse';
import { compileForward, type Forward } from '@monosema/model';
import { saveSae } from '../checkpoint/sae-files.ts';
import { concatContexts, spread, usableRows } from '../contexts.ts';
import { evaluateSae } from '../evaluation/evaluate-sae.ts';
import type { Sae, SaeParameters } from '../sae.ts';
import { ActivationStore } from './activation-store.ts';
import { checkSameRequest, loadCheckpoint, saveCheckpoint, type TrainingState } from './checkpoint.ts';
import { initialParameters } from './initial-parameters.ts';
import { MetricsLog } from './metrics-log.ts';
import type { TrainingEvent, TrainingOptions } from './options.ts';
import { planTraining, type TrainingPlan } from './plan.ts';
import { l1CoefficientAt, learningRateAt } from './schedule.ts';
import { SinceFired } from './since-fired.ts';
import { openStandardTrainer } from './standard-trainer.ts';
import { openTopKTrainer } from './topk-trainer.ts';
import type { Trainer } from './trainer.ts';

/**
 * Trains an SAE on a model's activations and measures it on held-out text. Yields metrics every few steps and at the
 * last one, checkpoints, then the evaluation, then the SAE. The same request, engine and text give the same weights,
 * bit by bit, also when the run was killed and resumed from a checkpoint in between.
 *
 * Special tokens (BOS among them) are not trained on. Adam, constant rate with linear decay over the last fifth; unit
 * decoder rows; TopK with auxiliary loss for dead latents, standard with an L1 penalty warmed up over 5 % of the steps.
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
    taps: [plan.request.hookPoint],
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
  checkSameRequest(state.request, plan.request);
  return state;
}

async function* trainSteps(
  options: TrainingOptions,
  plan: TrainingPlan,
  resumed: TrainingState | undefined,
  forward: Forward,
): AsyncGenerator<TrainingEvent, Sae> {
  const { request, config, steps } = plan;
  const store = activationStore(options, plan, forward);
  const parameters =
    resumed?.sae.parameters ?? initialParameters(config.dIn, config.dSae, request.seed, await store.firstMean());
  const sinceFired = new SinceFired(resumed?.sinceFired ?? new Int32Array(config.dSae), plan.deadAfter);
  const log = new MetricsLog(request.batchTokens, resumed?.step ?? 0);
  const trainer = await openTrainer(options, plan, parameters, resumed?.optimiser);
  try {
    let step = resumed?.step ?? 0;
    if (step < steps) {
      for await (const x of store.batches(step)) {
        options.signal?.throwIfAborted();
        const learningRate = learningRateAt(step, steps, request.learningRate);
        const dead = sinceFired.dead();
        const l1Coefficient = l1CoefficientAt(step, steps, request.l1Coefficient ?? 0);
        const result = await trainer.step(x, { learningRate, dead, l1Coefficient });
        if (!Number.isFinite(result.mse))
          throw new Error(
            `the loss is ${result.mse} at step ${step}: learningRate ${request.learningRate} is too high`,
          );
        sinceFired.update(result.fired);
        step += 1;
        if (step % plan.metricsEvery === 0 || step === steps)
          yield { kind: 'metrics', metrics: log.row(step, x, result, dead, learningRate) };
        if (step % plan.checkpointEvery === 0 || step === steps)
          yield await checkpoint(plan, step, trainer, sinceFired);
        if (step === steps) break;
      }
    }
    return { config, parameters: (await trainer.read()).parameters };
  } finally {
    await trainer.close();
  }
}

function activationStore(options: TrainingOptions, plan: TrainingPlan, forward: Forward): ActivationStore {
  const { config, order, request, excluded } = plan;
  return new ActivationStore({
    order,
    dIn: config.dIn,
    batch: request.batchTokens,
    cacheBytes: options.activationCacheBytes ?? 256 << 20,
    async activations(contexts) {
      options.signal?.throwIfAborted();
      const ids = concatContexts(Array.from(contexts, (context) => options.trainContexts[context]!));
      const values = (await forward.run(ids))[request.hookPoint]?.data;
      if (!(values instanceof Float32Array)) throw new Error(`the forward pass gave no ${request.hookPoint}`);
      const data = usableRows(ids, values, config.dIn, excluded);
      return { rows: data.length / config.dIn, data };
    },
  });
}

function openTrainer(
  options: TrainingOptions,
  plan: TrainingPlan,
  parameters: SaeParameters,
  optimiser?: AdamState,
): Promise<Trainer> {
  const { config, request } = plan;
  if (config.architecture === 'standard')
    return openStandardTrainer(options.engine, config, request.batchTokens, parameters, optimiser);
  return openTopKTrainer(config, request.batchTokens, options.threads ?? options.engine.threads, parameters, optimiser);
}

async function checkpoint(
  { request, config }: TrainingPlan,
  step: number,
  trainer: Trainer,
  sinceFired: SinceFired,
): Promise<TrainingEvent> {
  const { parameters, optimiser } = await trainer.read();
  const state = { step, request, sae: { config, parameters }, optimiser, sinceFired: sinceFired.steps.slice() };
  return { kind: 'checkpoint', step, files: saveCheckpoint(state) };
}
