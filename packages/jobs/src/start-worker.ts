import type { RunStage } from '@monosema/catalog';
import { endWhenTold } from './end-when-told.ts';
import type { WorkerEnv } from './env.ts';
import { openLog } from './open-log.ts';
import { openWorker, type Worker } from './open-worker.ts';
import type { StageHandler } from './run-context.ts';
import { readableError } from './stage-stop.ts';

/**
 * The whole life of a worker process: starts, logs one line of JSON per event to stdout, and ends on SIGTERM, SIGINT
 * or when the parent that holds its IPC channel is gone, so that a killed launcher leaves no orphan.
 *
 * @param options.env reads the environment; what it throws is one line of the log, and the process ends with 1
 * @param options.handler makes the handler of the stage
 * @example await startWorker({ stage: 'train-sae', env: () => readEnv(workerEnvSchema), handler: trainSaeHandler });
 */
export async function startWorker<E extends WorkerEnv>(options: {
  stage: RunStage;
  env: () => E;
  handler: (env: E) => StageHandler;
}): Promise<void> {
  const { stage } = options;
  const log = openLog(stage);
  let worker: Worker | null = null;
  endWhenTold(log, () => worker?.stop() ?? Promise.resolve());
  try {
    const env = options.env();
    worker = await openWorker({ stage, handle: options.handler(env), url: env.DATABASE_URL, log });
  } catch (error) {
    log.fatal(`cannot start: ${readableError(error)}`);
    process.exit(1);
  }
  log.info('worker ready');
  process.send?.({ kind: 'worker-ready', stage });
}
