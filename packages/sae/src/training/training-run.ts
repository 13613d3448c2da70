import { foldInputScale } from '../architectures/fold-input-scale.ts';
import { inferenceSae } from '../architectures/inference-sae.ts';
import { outputWidth } from '../config/sae-config.ts';
import type { Sae } from '../sae.ts';
import { ActivationStore, type ActivationBatch } from './activation-store.ts';
import { calibrateThreshold } from './calibrate-threshold.ts';
import { checkSameRun, loadCheckpoint, saveCheckpoint, type TrainingState } from './checkpoint.ts';
import { MetricsLog } from './metrics-log.ts';
import { openTrainer } from './open-trainer.ts';
import { DivergedError, type SaeRun, type TrainingConduct, type TrainingEvent } from './options.ts';
import type { TrainingPlan } from './plan.ts';
import { isResamplingStep } from './resample.ts';
import { resampleDead } from './resample-dead.ts';
import { coefficientAt, learningRateShare } from './schedule.ts';
import type { ChunkReader } from './shared-chunks.ts';
import { SinceFired } from './since-fired.ts';
import { startOf } from './start.ts';
import type { Trainer } from './trainer.ts';

/** The state that a run goes on from. @throws Error when the checkpoint is of another run */
export function resumeState({ resume }: SaeRun, plan: TrainingPlan): TrainingState | undefined {
  if (!resume) return undefined;
  const state = loadCheckpoint(resume);
  checkSameRun(state, plan);
  return state;
}

/** One SAE in training, a step at a time. */
export class TrainingRun {
  private constructor(
    private readonly conduct: TrainingConduct,
    readonly plan: TrainingPlan,
    private readonly store: ActivationStore,
    private readonly batches: AsyncGenerator<ActivationBatch>,
    private readonly inputScale: number,
    private trainer: Trainer,
    private readonly sinceFired: SinceFired,
    private readonly log: MetricsLog,
    private step: number,
  ) {}

  static async open(
    conduct: TrainingConduct,
    plan: TrainingPlan,
    chunks: ChunkReader,
    resumed: TrainingState | undefined,
  ): Promise<TrainingRun> {
    const { request, config, settings, order } = plan;
    const { hookPoint, hookPointOut } = request;
    const target = hookPointOut === undefined ? undefined : { hookPoint: hookPointOut, width: outputWidth(config) };
    const input = { hookPoint, width: config.dIn };
    const store = new ActivationStore({ order, chunks, input, target, batch: request.batchTokens });
    const start = resumed ?? (await startOf(plan, store));
    const step = resumed?.step ?? 0;
    const { inputScale } = start;
    return new TrainingRun(
      conduct,
      plan,
      store,
      store.batches(step, inputScale),
      inputScale,
      await openTrainer(conduct, plan, start.sae.parameters, resumed?.optimiser),
      new SinceFired(
        resumed?.sinceFired ?? new Int32Array(config.dSae),
        Math.ceil(settings.deadAfterTokens / request.batchTokens),
      ),
      new MetricsLog(request.batchTokens, settings.loss.auxCoefficient, step),
      step,
    );
  }

  get tokens(): number {
    return this.step * this.plan.request.batchTokens;
  }

  get isTrained(): boolean {
    return this.step >= this.plan.steps;
  }

  /** Takes a step. @throws DivergedError when the loss is no number */
  async *advance(): AsyncGenerator<TrainingEvent> {
    const { request, settings, steps, metricsEvery, checkpointEvery } = this.plan;
    const { value: batch, done } = await this.batches.next();
    if (done) throw new Error('the store ran out of tokens');
    const learningRate = request.learningRate * learningRateShare(settings.schedule, this.step, steps);
    const { sparsityCoefficient, sparsityWarmUpSteps } = settings.loss;
    const coefficient = coefficientAt(sparsityCoefficient, sparsityWarmUpSteps, this.step);
    const dead = this.sinceFired.dead();
    const { x, target } = batch;
    const result = await this.trainer.step(x, { learningRate, dead, coefficient, ...(target && { target }) });
    if (!Number.isFinite(result.mse))
      throw new DivergedError(
        `the loss is ${result.mse} at step ${this.step}: learningRate ${request.learningRate} is too high`,
      );
    this.sinceFired.update(result.fired);
    const step = ++this.step;
    if (step % metricsEvery === 0 || step === steps)
      yield { kind: 'metrics', metrics: this.log.row(step, target ?? x, result, dead, learningRate, coefficient) };
    if (step < steps && isResamplingStep(settings.resampling, step, request.batchTokens)) await this.resample();
    if (step % checkpointEvery === 0 || step === steps) yield await this.checkpoint();
  }

  /**
   * The SAE as it is used, once trained.
   * @param heldOut rows that a BatchTopK threshold is calibrated on
   */
  async finish(heldOut: () => Promise<Float32Array>): Promise<Sae> {
    const { config, settings } = this.plan;
    const trained: Sae = { config, parameters: (await this.trainer.read()).parameters };
    const scaled = this.inputScale === 1 ? trained : foldInputScale(trained, this.inputScale);
    if (!settings.loss.calibrateThreshold || !('topk_threshold' in scaled.parameters)) return inferenceSae(scaled);
    const x = await heldOut();
    return inferenceSae(x.length === 0 ? scaled : await calibrateThreshold(this.conduct.engine, scaled, x));
  }

  async close(): Promise<void> {
    this.store.close();
    await this.batches.return(undefined);
    await this.trainer.close();
  }

  /** New weights for dead latents; the trainer is opened again with them. */
  private async resample(): Promise<void> {
    const { conduct, plan, store, inputScale, step } = this;
    const state = await this.trainer.read();
    const dead = this.sinceFired.dead();
    const changed = await resampleDead({ engine: conduct.engine, plan, store, inputScale, step, dead, state });
    if (!changed) return;
    await this.trainer.close();
    this.trainer = await openTrainer(conduct, plan, changed.parameters, changed.optimiser);
    this.sinceFired.forget(changed.latents);
  }

  private async checkpoint(): Promise<TrainingEvent> {
    const { request, settings, config } = this.plan;
    const { step, inputScale } = this;
    const { parameters, optimiser } = await this.trainer.read();
    const sae = { config, parameters };
    const sinceFired = this.sinceFired.steps.slice();
    return {
      kind: 'checkpoint',
      step,
      files: saveCheckpoint({ step, request, settings, inputScale, sae, optimiser, sinceFired }),
    };
  }
}
