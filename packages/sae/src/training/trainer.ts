import type { AdamState } from '@monosema/engine/sparse';
import type { SaeParameters } from '../sae.ts';

export interface TrainerStepOptions {
  learningRate: number;
  /** [d_sae] 1 where a latent counts as dead. */
  dead: Uint8Array;
  /** Of the sparsity penalty; standard only. */
  l1Coefficient: number;
}

export interface TrainerStepResult {
  mse: number;
  /** The auxiliary or L1 part of the loss, weighted. */
  sparsityLoss: number;
  l0: number;
  /** [d_sae] not zero where the latent fired. */
  fired: ArrayLike<number>;
}

/** What trains an architecture: keeps parameters and optimiser, and takes a step. */
export interface Trainer {
  step(x: Float32Array, options: TrainerStepOptions): Promise<TrainerStepResult>;
  read(): Promise<{ parameters: SaeParameters; optimiser: AdamState }>;
  close(): Promise<void>;
}
