import type { Evaluation, TrainingMetrics, TrainingRequest } from '@monosema/catalog';
import type { Engine } from '@monosema/engine';
import type { Model } from '@monosema/model';
import type { Files } from '../checkpoint/sae-files.ts';
import type { TrainingSettingsInput } from '../config/training-settings.ts';
import type { Sae } from '../sae.ts';
import type { CachedActivations } from './cached/cached-activations.ts';
import type { TrainingCheckpoint } from './checkpoint.ts';

/** What one SAE is trained towards. */
export interface SaeRun {
  request: TrainingRequest;
  /** How to train, apart from the request; by default as the house does (see the readme). What is left out is SAELens's. */
  settings?: TrainingSettingsInput;
  /** Files of an earlier checkpoint event of the same request. */
  resume?: TrainingCheckpoint;
}

/** A model, and text as it sees it. */
export interface TrainingText {
  activations?: undefined;
  model: Model;
  /** Rows of request.contextSize token ids, as `tokenContexts` makes them. */
  trainContexts: Int32Array[];
  /** The same of text that is not trained on; what the evaluation is measured on. */
  heldOutContexts: Int32Array[];
  /** Tokens that are forwarded, but neither trained on nor counted: all special ones, BOS among them, by default. */
  excludedTokens?: readonly number[];
}

/** Activations on disk, and their text with them. */
export interface CachedText {
  activations: CachedActivations;
  /** The model that they are of. Without it nothing is measured at the end. */
  model?: Model;
}

/** What is trained on. */
export type TrainingData = TrainingText | CachedText;

export interface TrainingConduct {
  engine: Engine;
  /** Held-out tokens that are measured at most, taken evenly; 131,072 by default (explained variance to about 0.001), 0 for no evaluation. */
  evaluationTokens?: number;
  /** A tenth of the run by default. */
  checkpointEverySteps?: number;
  signal?: AbortSignal;
  /** Threads of the sparse step; the engine's number by default. */
  threads?: number;
  /** Activations kept in memory for the next epoch; 256 MiB by default. */
  activationCacheBytes?: number;
}

export type TrainingOptions = SaeRun & TrainingData & TrainingConduct;

export type TrainSaesOptions = TrainingData &
  TrainingConduct & {
    /**
     * The SAEs, at any hook points of the model; contexts are of one size. `name` is what events call them: 0, 1, … by
     * default.
     */
    runs: readonly (SaeRun & { name?: string })[];
  };

export type TrainingEvent =
  | { kind: 'metrics'; metrics: TrainingMetrics }
  | { kind: 'checkpoint'; step: number; files: TrainingCheckpoint }
  | { kind: 'evaluation'; evaluation: Evaluation }
  /** `files` is the finished SAE in SAELens layout, with `sparsity.safetensors` where it was measured. */
  | { kind: 'done'; sae: Sae; files: Files };

/** An event of one of several SAEs: its place among the runs, and its name. A run that diverged ends with `failed`. */
export type SaesEvent = (TrainingEvent | { kind: 'failed'; error: DivergedError }) & { run: number; name: string };

/** The loss of a run is no number any more. */
export class DivergedError extends Error {
  override name = 'DivergedError';
}
