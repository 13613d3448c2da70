import type { Evaluation, TrainingMetrics } from '@monosema/catalog';

/** Keeps the course of one training. What is written is there at once, also for a process that is killed next. */
export interface TrainingLog {
  metrics(metrics: TrainingMetrics): Promise<void>;
  evaluation(evaluation: Evaluation): Promise<void>;
  close(): Promise<void>;
}

export interface OpenLogOptions {
  /** The step that a training goes on from: what a log holds of later ones is void. 0, all of it, by default. */
  from?: number;
}

/** Several logs as one. */
export const everyLog = (logs: readonly TrainingLog[]): TrainingLog => ({
  async metrics(metrics) {
    for (const log of logs) await log.metrics(metrics);
  },
  async evaluation(evaluation) {
    for (const log of logs) await log.evaluation(evaluation);
  },
  async close() {
    for (const log of logs) await log.close();
  },
});
