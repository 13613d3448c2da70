export {
  deadQueueOf,
  heartbeatSeconds,
  jobCatalog,
  superviseSeconds,
  type JobDefinition,
  type JobPayload,
} from './catalog.ts';
export { readEnv, workerEnvSchema, type WorkerEnv } from './env.ts';
export { launchRun, type LaunchIssue, type LaunchOutcome } from './launch-run.ts';
export { openLog } from './open-log.ts';
export { openQueue, type HeldJob, type Queue, type QueueRole } from './queue.ts';
export type { RunContext, StageEnd, StageHandler } from './run-context.ts';
export type { StageOutcome } from './run-stage.ts';
export { asUnusable, orUnusable, readableError, StageStop, UnusableRequest, type StopReason } from './stage-stop.ts';
export { openWorker, openWorkers, type StageHandlers, type Worker } from './open-worker.ts';
export { startWorker } from './start-worker.ts';
