import { can } from '@monosema/auth';
import type { RunResult, RunStage, RunStatus, TrainingMetrics, TrainingRequest } from '@monosema/catalog';
import type { RunWithStages } from '@monosema/db/queries';
import type { SessionUser } from '../context.ts';

/** One stage of a run, as its page shows it. */
export interface RunStageView {
  stage: RunStage;
  status: RunStatus;
  done: number;
  /** Null until the worker knows how much there is. */
  total: number | null;
  /** What `done` counts: "tokens", "features". */
  unit: string | null;
  startedAt: Date | null;
  finishedAt: Date | null;
}

/** A run and its stages, in order; `canCancel` is about whoever asked. */
export interface RunView {
  id: string;
  request: TrainingRequest;
  status: RunStatus;
  cancelRequested: boolean;
  canCancel: boolean;
  result: Partial<RunResult>;
  /** Why it failed, for a person. */
  error: string | null;
  createdAt: Date;
  finishedAt: Date | null;
  stages: RunStageView[];
  /** When this was read, by the server's clock: what "now" is for its durations. */
  readAt: Date;
}

/** What `run.live` sends: the run as it is now, and the metrics since the last event, by step. */
export interface RunEvent {
  run: RunView;
  metrics: TrainingMetrics[];
}

/** Whether a run can change no more. */
export const isSettled = (status: RunStatus): boolean =>
  status === 'succeeded' || status === 'failed' || status === 'cancelled';

/** Whether this person may cancel this run: its creator and admins, while it is not settled. */
export const mayCancel = (run: { status: RunStatus; createdBy: string | null }, user: SessionUser | null): boolean =>
  !isSettled(run.status) && can(user, { kind: 'cancel-run', createdBy: run.createdBy });

/** A run as `user` sees it: no ids of people, no workers, no fences. */
export function viewRun(run: RunWithStages, user: SessionUser | null): RunView {
  const { id, request, status, cancelRequested, result, error, createdAt, finishedAt } = run;
  const stages = run.stages.map((row) => ({
    stage: row.stage,
    status: row.status,
    done: row.done,
    total: row.total,
    unit: row.unit,
    startedAt: row.startedAt,
    finishedAt: row.finishedAt,
  }));
  const canCancel = mayCancel(run, user);
  const readAt = new Date();
  return { id, request, status, cancelRequested, canCancel, result, error, createdAt, finishedAt, stages, readAt };
}
