import type { Evaluation, TrainingMetrics, TrainingRequest } from '@monosema/catalog';
import type { TrainingEvent } from '@monosema/sae/training';
import type { Session } from '../session.ts';
import { bar, Progress, writeJson } from '../terminal.ts';

/** Tells a person or a script how training goes. */
export interface Report {
  event(event: TrainingEvent): void;
  /** Leaves the terminal tidy, also after an error. */
  end(): void;
}

/** One line of JSON per event, weights left out. */
export function jsonReport(): Report {
  return {
    event(event) {
      if (event.kind === 'metrics') writeJson({ kind: 'metrics', ...event.metrics });
      else if (event.kind === 'evaluation') writeJson({ kind: 'evaluation', ...event.evaluation });
      else if (event.kind === 'checkpoint') writeJson({ kind: 'checkpoint', step: event.step });
      else writeJson({ kind: 'done', files: Object.keys(event.files) });
    },
    end: () => undefined,
  };
}

/** A progress line, what was measured, and at the end the folder on standard output. */
export function terminalReport({ engine, model }: Session, request: TrainingRequest, out: string): Report {
  const progress = new Progress();
  const detail = request.architecture === 'topk' ? `k ${request.k}` : `L1 ${request.l1Coefficient}`;
  const kind = request.architecture === 'topk' ? 'TopK' : 'ReLU';
  progress.line(
    `${kind} SAE of ${model.id} at ${request.hookPoint}: d_sae ${request.dSae}, ${detail}, on ${engine.description}`,
  );
  return {
    event(event) {
      if (event.kind === 'metrics') progress.update(metricsLine(event.metrics, request));
      if (event.kind === 'evaluation') progress.line(evaluationLine(event.evaluation));
      if (event.kind !== 'done') return;
      progress.clear();
      process.stdout.write(`${out}\n`);
    },
    end: () => progress.clear(),
  };
}

function metricsLine(metrics: TrainingMetrics, request: TrainingRequest): string {
  const quality = `mse ${metrics.mse.toPrecision(3)}  EV ${metrics.explainedVariance.toFixed(3)}`;
  const sparsity = `L0 ${metrics.l0.toFixed(1)}  dead ${metrics.deadFeatures}`;
  return `${bar(metrics.tokens, request.trainingTokens)}  ${quality}  ${sparsity}  ${Math.round(metrics.tokensPerSecond)} tok/s`;
}

function evaluationLine({ explainedVariance, ceLossScore, l0, deadFraction }: Evaluation): string {
  const score = ceLossScore === null ? '' : `, CE-loss score ${ceLossScore.toFixed(3)}`;
  return `on held-out text: explained variance ${explainedVariance.toFixed(3)}${score}, L0 ${l0.toFixed(1)}, dead ${(100 * deadFraction).toFixed(1)} %`;
}
