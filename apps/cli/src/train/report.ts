import type { TrainingMetrics, TrainingRequest } from '@monosema/catalog';
import type { SaesEvent } from '@monosema/sae/training';
import { bar, Progress, writeJson } from '../terminal.ts';
import type { ConfigFile } from './config-file.ts';
import type { PlacedRun } from './run-folders.ts';
import type { Training } from './training-data.ts';

/** Tells a person or a script how training goes. */
export interface Report {
  event(event: SaesEvent): void;
  /** A line that stays. */
  line(text: string): void;
  /** Leaves the terminal tidy, also after an error. */
  close(): void;
}

/** One line of JSON per event, weights left out; `name` says which of several SAEs. */
export function jsonReport(isSweep: boolean): Report {
  return {
    event(event) {
      const which = isSweep ? { name: event.name } : {};
      if (event.kind === 'metrics') writeJson({ kind: 'metrics', ...which, ...event.metrics });
      else if (event.kind === 'evaluation') writeJson({ kind: 'evaluation', ...which, ...event.evaluation });
      else if (event.kind === 'checkpoint') writeJson({ kind: 'checkpoint', ...which, step: event.step });
      else if (event.kind === 'failed') writeJson({ kind: 'failed', ...which, error: event.error.message });
      else writeJson({ kind: 'done', ...which, files: Object.keys(event.files) });
    },
    line: () => undefined,
    close: () => undefined,
  };
}

/** A progress line over all runs, with what was measured last. */
export function terminalReport(
  placed: readonly PlacedRun[],
  { engine, modelId }: Training,
  config: ConfigFile | null,
): Report {
  const progress = new Progress();
  const requests = placed.map(({ run }) => run.request);
  const total = requests.reduce((sum, { trainingTokens }) => sum + trainingTokens, 0);
  const tokens = requests.map(() => 0);
  for (const { message } of config?.notes ?? []) progress.line(`config: ${message}`);
  if (config?.wandb)
    progress.line('config: nothing is sent to Weights & Biases; "wandb sync" sends what wandb/ in the folder gets');
  progress.line(titleOf(placed, modelId, engine.description));
  return {
    event(event) {
      if (event.kind === 'failed') progress.line(`${event.name}: ${event.error.message}`);
      if (event.kind !== 'metrics') return;
      tokens[event.run] = event.metrics.tokens;
      const done = tokens.reduce((sum, each) => sum + each, 0);
      const name = placed.length > 1 ? `${event.name}: ` : '';
      progress.update(`${bar(done, total)}  ${name}${metricsText(event.metrics)}`);
    },
    line: (text) => progress.line(text),
    close: () => progress.clear(),
  };
}

function titleOf(placed: readonly PlacedRun[], modelId: string, engine: string): string {
  const [{ request }] = placed.map(({ run }) => run) as [PlacedRun['run'], ...PlacedRun['run'][]];
  const { architecture, hookPoint } = request;
  if (placed.length > 1) return `${placed.length} ${architecture} SAEs of ${modelId}, on ${engine}`;
  return `${architecture} SAE of ${modelId} at ${hookPoint}: ${detailOf(request)}, on ${engine}`;
}

function detailOf({ dSae, k, l1Coefficient, l0Coefficient }: TrainingRequest): string {
  const own = { k, L1: l1Coefficient, L0: l0Coefficient };
  const given = Object.entries(own).flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]));
  return [`d_sae ${dSae}`, ...given].join(', ');
}

function metricsText({ mse, explainedVariance, l0, deadFeatures, tokensPerSecond }: TrainingMetrics): string {
  const quality = `mse ${mse.toPrecision(3)}  EV ${explainedVariance.toFixed(3)}`;
  return `${quality}  L0 ${l0.toFixed(1)}  dead ${deadFeatures}  ${Math.round(tokensPerSecond)} tok/s`;
}
