import type { Evaluation, TrainingMetrics, TrainingRequest } from '@monosema/catalog';
import { trainSae, type TrainingEvent } from '@monosema/sae/training';
import { UsageError } from '../exit.ts';
import { withSession, type Session } from '../session.ts';
import { bar, Progress, writeJson } from '../terminal.ts';
import type { TrainOptions } from './command.ts';
import { OutFolder } from './out-folder.ts';
import { requestFrom } from './request.ts';
import { trainingText } from './text.ts';

/** `monosema train`: the same trainer as the train-sae worker, with a folder for the result. */
export async function train(options: TrainOptions, signal: AbortSignal): Promise<void> {
  const out = await OutFolder.open(options.out);
  const resume = options.resume ? await out.checkpoint() : null;
  if (options.resume && !resume) throw new UsageError('--resume', `there is no checkpoint in ${options.out}`);
  if (!options.resume && (await out.checkpoint()))
    throw new UsageError('--out', `${options.out} holds a checkpoint; go on with --resume, or choose another folder`);
  await withSession(options, async (session) => {
    const request = await requestFrom(options, session.model);
    const text = await trainingText(options.data, session.model, request.contextSize);
    const report = options.json ? reportJson : reportLines(session, request, options.out);
    const events = trainSae({
      ...session,
      request,
      ...text,
      resume: resume ?? undefined,
      threads: options.threads,
      signal,
    });
    let evaluation: Evaluation | null = null;
    for await (const event of events) {
      if (event.kind === 'checkpoint') await out.saveCheckpoint(event.files);
      if (event.kind === 'evaluation') evaluation = event.evaluation;
      if (event.kind === 'done') await out.finish({ ...event.files, ...measured(evaluation) });
      report(event);
    }
  });
}

function measured(evaluation: Evaluation | null): Record<string, Uint8Array> {
  if (!evaluation) return {};
  return { 'evaluation.json': new TextEncoder().encode(`${JSON.stringify(evaluation, null, 2)}\n`) };
}

function reportJson(event: TrainingEvent): void {
  if (event.kind === 'metrics') writeJson({ kind: 'metrics', ...event.metrics });
  else if (event.kind === 'evaluation') writeJson({ kind: 'evaluation', ...event.evaluation });
  else if (event.kind === 'checkpoint') writeJson({ kind: 'checkpoint', step: event.step });
  else writeJson({ kind: 'done', files: Object.keys(event.files) });
}

function reportLines(
  { engine, model }: Session,
  request: TrainingRequest,
  out: string,
): (event: TrainingEvent) => void {
  const progress = new Progress();
  const detail = request.architecture === 'topk' ? `k ${request.k}` : `L1 ${request.l1Coefficient}`;
  progress.line(
    `${request.architecture} SAE on ${model.id} ${request.hookPoint}, d_sae ${request.dSae}, ${detail} (${engine.description})`,
  );
  return (event) => {
    if (event.kind === 'metrics') progress.update(metricsLine(event.metrics, request));
    if (event.kind === 'evaluation') progress.line(evaluationLine(event.evaluation));
    if (event.kind === 'done') {
      progress.clear();
      process.stdout.write(`${out}\n`);
    }
  };
}

function metricsLine(metrics: TrainingMetrics, request: TrainingRequest): string {
  const numbers = `mse ${metrics.mse.toPrecision(3)}  EV ${metrics.explainedVariance.toFixed(3)}  L0 ${metrics.l0.toFixed(1)}  dead ${metrics.deadFeatures}`;
  return `${bar(metrics.tokens, request.trainingTokens)}  ${numbers}  ${Math.round(metrics.tokensPerSecond)} tok/s`;
}

function evaluationLine(evaluation: Evaluation): string {
  const score = evaluation.ceLossScore === null ? '' : `, CE-loss score ${evaluation.ceLossScore.toFixed(3)}`;
  return `held-out: explained variance ${evaluation.explainedVariance.toFixed(3)}${score}, L0 ${evaluation.l0.toFixed(1)}, dead ${(100 * evaluation.deadFraction).toFixed(1)} %`;
}
