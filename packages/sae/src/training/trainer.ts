import type { SaeParameters } from '../sae.ts';
import type { OptimiserState } from './optimiser-state.ts';

export interface TrainerStepOptions {
  learningRate: number;
  /** [d_sae] 1 where a latent counts as dead. */
  dead: Uint8Array;
  /** Weight of the sparsity penalty in this step. */
  coefficient: number;
  /** [batch, d_out] what a transcoder is to predict. */
  target?: Float32Array;
}

export interface TrainerStepResult {
  mse: number;
  /** Every part of the loss but the mse, weighted, by name: l1, l0, auxiliary, … */
  parts: Readonly<Record<string, number>>;
  /** Those of them that have a weight, without it. Absent where the weight is one number throughout. */
  raw?: Readonly<Record<string, number>>;
  l0: number;
  /** [d_sae] not zero where the latent fired. */
  fired: ArrayLike<number>;
}

/** What trains an architecture: keeps parameters and optimiser, and takes a step. */
export interface Trainer {
  step(x: Float32Array, options: TrainerStepOptions): Promise<TrainerStepResult>;
  read(): Promise<{ parameters: SaeParameters; optimiser: OptimiserState }>;
  close(): Promise<void>;
}
