import type { Logger } from 'pino';
import type { RunResult, RunStage, TrainingMetrics, TrainingRequest } from '@monosema/catalog';
import type { Db } from '@monosema/db';
import type { StageClaim, StageProgress } from '@monosema/db/queries';

/** What a handler gets: the request, and the only ways in which it may write. */
export interface RunContext {
  readonly runId: string;
  readonly stage: RunStage;
  readonly request: TrainingRequest;
  /** What the stages before found out. */
  readonly result: Partial<RunResult>;
  readonly claim: StageClaim;
  /** For reading. Write through `fenced`. */
  readonly db: Db;
  /** Aborts with a StageStop when the run is cancelled, the claim is lost or the process ends. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /**
   * Tells how far the stage is. Call it as often as you like: it writes at most four times a second.
   *
   * @throws StageStop when the stage should stop
   */
  report(progress: StageProgress): Promise<void>;
  /** Adds to the training log, gathered into at most four writes a second. @throws StageStop */
  metrics(rows: readonly TrainingMetrics[]): Promise<void>;
  /** A transaction that commits only while the claim holds; gathered metrics go with it. @throws StageStop */
  fenced<T>(write: (tx: Db) => Promise<T>): Promise<T>;
}

/** How a stage ends well: what it adds to the run's result, and what must become visible in the same instant. */
export interface StageEnd {
  result?: Partial<RunResult>;
  /** Runs in the transaction that settles the stage and sends the next job. */
  publish?: (tx: Db) => Promise<void>;
}

export type StageHandler = (context: RunContext) => Promise<StageEnd>;
