import type { Logger } from 'pino';
import type { RunResult, TrainingMetrics, TrainingRequest } from '@monosema/catalog';
import type { Db } from '@monosema/db';
import { fenced, heartbeatStage, insertMetrics, type StageClaim, type StageProgress } from '@monosema/db/queries';
import type { RunContext } from './run-context.ts';
import { StageStop } from './stage-stop.ts';

/** At most four writes of a kind a second: enough for an eye, cheap for Postgres. */
const writeEveryMs = 250;
/** A silent handler's heartbeat, and how soon it hears of a cancel. */
const heartbeatEveryMs = 1500;

export interface OpenContext extends RunContext {
  /** Writes what is still gathered. */
  flush(): Promise<void>;
  /** Ends the heartbeat. */
  close(): void;
}

/** The context of a claimed stage, with a heartbeat of its own that hears of cancels and lost claims. */
export function openContext(options: {
  db: Db;
  claim: StageClaim;
  request: TrainingRequest;
  result: Partial<RunResult>;
  log: Logger;
  /** Aborts when the process ends. */
  stopping: AbortSignal;
}): OpenContext {
  const { db, claim, log, stopping } = options;
  const abort = new AbortController();
  const stop = (): void => abort.abort(new StageStop('stopping'));
  if (stopping.aborted) stop();
  else stopping.addEventListener('abort', stop, { once: true });

  const stopBecause = (reason: 'cancelled' | 'lost'): never => {
    if (!abort.signal.aborted) abort.abort(new StageStop(reason));
    throw abort.signal.reason;
  };
  const beat = async (progress?: StageProgress): Promise<void> => {
    abort.signal.throwIfAborted();
    const heartbeat = await heartbeatStage(db, claim, progress);
    if (heartbeat.lost) stopBecause('lost');
    else if (heartbeat.cancelRequested) stopBecause('cancelled');
  };
  let progress: StageProgress | null = null;
  let progressAt = 0;
  let rows: TrainingMetrics[] = [];
  let metricsAt = 0;

  // One write at a time, so that no checkpoint commits before the metrics that came before it.
  let last: Promise<unknown> = Promise.resolve();
  const write = <T>(work: (tx: Db) => Promise<T>): Promise<T> => {
    const turn = last.then(() => writeNow(work));
    last = turn.catch(() => {});
    return turn;
  };
  const writeNow = async <T>(work: (tx: Db) => Promise<T>): Promise<T> => {
    abort.signal.throwIfAborted();
    const going = rows;
    rows = [];
    metricsAt = Date.now();
    try {
      const outcome = await fenced(db, claim, async (tx) => {
        await insertMetrics(tx, claim.runId, going);
        return work(tx);
      });
      return outcome.lost ? stopBecause('lost') : outcome.value;
    } catch (error) {
      rows = [...going, ...rows];
      throw error;
    }
  };
  const sendProgress = async (): Promise<void> => {
    if (!progress) return;
    const going = progress;
    progress = null;
    progressAt = Date.now();
    await beat(going);
  };
  const flush = async (): Promise<void> => {
    await sendProgress();
    if (rows.length > 0) await write(async () => {});
  };
  const timer = setInterval(() => {
    // What was held back is shown even when the handler falls silent.
    const work = progress || rows.length > 0 ? flush() : beat();
    // A stop is in the signal by now; a database that is away for a moment costs only this beat.
    work.catch((error: unknown) => {
      if (!abort.signal.aborted) log.warn({ err: error }, 'a heartbeat failed');
    });
  }, heartbeatEveryMs);
  return {
    runId: claim.runId,
    stage: claim.stage,
    request: options.request,
    result: options.result,
    claim,
    db,
    signal: abort.signal,
    log,
    report: async (news) => {
      abort.signal.throwIfAborted();
      progress = news;
      if (Date.now() - progressAt >= writeEveryMs) await sendProgress();
    },
    metrics: async (news) => {
      abort.signal.throwIfAborted();
      rows.push(...news);
      if (rows.length > 0 && Date.now() - metricsAt >= writeEveryMs) await write(async () => {});
    },
    fenced: write,
    flush,
    close: () => {
      clearInterval(timer);
      stopping.removeEventListener('abort', stop);
    },
  };
}
