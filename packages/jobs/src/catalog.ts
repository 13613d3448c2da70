import { z } from 'zod';
import type { RunStage } from '@monosema/catalog';

/** All that a job carries: the run's row holds everything else. */
export const jobPayloadSchema = z.object({ runId: z.string().min(1) });
export type JobPayload = z.infer<typeof jobPayloadSchema>;

/** One kind of job: the queue of a stage. */
export interface JobDefinition {
  /** Workspace folder of the process that works on it. */
  workerFolder: string;
  /** How often a job is tried again after an error or the death of its worker. */
  retries: number;
}

/**
 * Every kind of job, one per stage of a run. A stage of the catalog without an entry does not compile.
 *
 * @example jobCatalog['train-sae'].workerFolder // "workers/train-sae"
 */
export const jobCatalog: Readonly<Record<RunStage, JobDefinition>> = {
  'train-sae': { workerFolder: 'workers/train-sae', retries: 5 },
  'build-dashboards': { workerFolder: 'workers/build-dashboards', retries: 3 },
  'index-search': { workerFolder: 'workers/index-search', retries: 3 },
  'preview-steering': { workerFolder: 'workers/preview-steering', retries: 3 },
};

/** The queue of jobs that were tried as often as they may be. */
export const deadQueueOf = (stage: RunStage): string => `${stage}.dead`;

/**
 * Seconds without a sign of life after which a job's worker counts as dead: the least that pg-boss allows.
 * The dead are looked for every `superviseSeconds`, so a killed worker's job is tried again within about 13 s.
 */
export const heartbeatSeconds = 10;
export const heartbeatRefreshSeconds = 2;
export const superviseSeconds = 2;
