import type { Evaluation, TrainingMetrics, TrainingRequest } from '@monosema/catalog';
import type { Engine } from '@monosema/engine';
import type { Model } from '@monosema/model';
import type { Files } from '../checkpoint/sae-files.ts';
import type { TrainingSettingsInput } from '../config/training-settings.ts';
import type { Sae } from '../sae.ts';
import type { TrainingCheckpoint } from './checkpoint.ts';

export interface TrainingOptions {
  request: TrainingRequest;
  /** How to train, apart from the request; by default as the house does (see the readme). What is left out is SAELens's. */
  settings?: TrainingSettingsInput;
  model: Model;
  engine: Engine;
  /** Rows of request.contextSize token ids, as `tokenContexts` makes them. */
  trainContexts: Int32Array[];
  /** The same of text that is not trained on; what the evaluation is measured on. */
  heldOutContexts: Int32Array[];
  /** Files of an earlier checkpoint event of the same request. */
  resume?: TrainingCheckpoint;
  /** Held-out tokens that are measured at most, taken evenly; 131,072 by default (explained variance to about 0.001). */
  evaluationTokens?: number;
  /** A tenth of the run by default. */
  checkpointEverySteps?: number;
  signal?: AbortSignal;
  /** Threads of the TopK step; the engine's number by default. */
  threads?: number;
  /** Activations kept in memory for the next epoch; 256 MiB by default. */
  activationCacheBytes?: number;
}

export type TrainingEvent =
  | { kind: 'metrics'; metrics: TrainingMetrics }
  | { kind: 'checkpoint'; step: number; files: TrainingCheckpoint }
  | { kind: 'evaluation'; evaluation: Evaluation }
  /** `files` is the finished SAE in SAELens layout. */
  | { kind: 'done'; sae: Sae; files: Files };
