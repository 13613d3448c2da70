import { featurePath, type RunStage, type TrainingMetrics } from '@monosema/catalog';
import type { Database } from '@monosema/db';
import { getRun, listMetrics } from '@monosema/db/queries';
import type { Progress } from './progress.ts';

const stageNames: Record<RunStage, string> = {
  'train-sae': 'training',
  'build-dashboards': 'dashboards',
  'index-search': 'search index',
  'preview-steering': 'steering previews',
};

export interface WatchedRun {
  status: 'succeeded' | 'failed' | 'cancelled';
  error: string | null;
  /** Path of the best-scored live feature, when there is one. */
  bestFeature: string | null;
}

/**
 * Follows a run until it ends, on the terminal: a bar for its current stage, with loss and L0 while it trains.
 * `onBrowsable` is called once, when its features can be browsed.
 */
export async function watchRun(database: Database, runId: string, progress: Progress, onBrowsable: () => void, signal: AbortSignal): Promise<WatchedRun | null> {
  let browsable = false;
  let latest: TrainingMetrics | undefined;
  while (!signal.aborted) {
    const run = await getRun(database.orm, runId);
    if (!run) return null;
    const dashboards = run.stages.find((stage) => stage.stage === 'build-dashboards');
    if (!browsable && dashboards?.status === 'succeeded') {
      browsable = true;
      onBrowsable();
    }
    if (run.status === 'succeeded' || run.status === 'failed' || run.status === 'cancelled') {
      progress.clear();
      const { modelId, sourceId } = run.request;
      const best = run.result.bestFeature;
      return { status: run.status, error: run.error, bestFeature: best == null ? null : featurePath({ modelId, sourceId, index: best }) };
    }
    const current = run.stages.find((stage) => stage.status === 'running') ?? run.stages.find((stage) => stage.status === 'queued');
    if (current) {
      const fraction = current.total ? current.done / current.total : null;
      if (current.stage === 'train-sae') latest = (await listMetrics(database.orm, runId, { after: latest?.step })).at(-1) ?? latest;
      const detail = current.stage === 'train-sae' && latest ? describe(latest) : '';
      progress.update(stageNames[current.stage], current.status === 'running' ? fraction : 0, detail);
    }
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
  return null;
}

const describe = (latest: TrainingMetrics): string =>
  `step ${latest.step}  loss ${latest.loss.toPrecision(4)}  L0 ${latest.l0.toFixed(1)}  EV ${latest.explainedVariance.toFixed(3)}`;
