/** The parameters of an SAE with one bias a side, SAELens orientation: y = x @ W. Row-major. */
export interface StepParameters {
  /** [d_in, d_sae] */
  W_enc: Float32Array;
  /** [d_sae] */
  b_enc: Float32Array;
  /** [d_sae, d_in] */
  W_dec: Float32Array;
  /** [d_in] */
  b_dec: Float32Array;
}

/** Adam's state: the number of steps taken, and the first (m) and second (v) moment of every parameter. */
export interface AdamState {
  step: number;
  m: StepParameters;
  v: StepParameters;
}

export interface SparseStepOptions {
  dIn: number;
  dSae: number;
  /** Samples per step. */
  batch: number;
  /** Active latents: of each sample at most, or of a sample on average, fractions allowed. */
  k: number;
  /** Whether every sample keeps its k best (`sample`: TopK, the default) or the batch its floor(k * batch) best (`batch`: BatchTopK). */
  kept?: 'sample' | 'batch';
  /**
   * Matryoshka: widths of nested dictionaries, ascending, the last one d_sae. Each reconstructs x with the latents before
   * its end, and their squared errors are summed.
   */
  widths?: readonly number[];
  /** Whether latents compete by pre-activation times decoder norm; false by default. */
  rescaleByDecoderNorm?: boolean;
  /** Whether x - b_dec is encoded, the default, or x itself. */
  subtractDecoderBias?: boolean;
  /** `unit`, the default: no gradient along a decoder row, and rows go back to norm 1 after Adam. */
  decoderRows?: 'unit' | 'free';
  /** All gradients together have at most this norm; null, the default, leaves them. */
  clipNorm?: number | null;
  /** Adam's decay rates; 0.9 and 0.999 by default. */
  beta1?: number;
  beta2?: number;
  /** Most dead latents per sample in the auxiliary loss; half of d_in by default, 0 switches it off. */
  auxK?: number;
  /** Weight of the auxiliary loss; 1/32 by default. */
  auxCoefficient?: number;
  /** Threads that compute; all cores by default. The results do not depend on it. */
  threads?: number;
  parameters: StepParameters;
  /** To go on from an earlier `read()`. */
  optimiser?: AdamState;
}

/** What a step's memory follows from. */
export type StepSizes = Pick<
  SparseStepOptions,
  'dIn' | 'dSae' | 'batch' | 'k' | 'kept' | 'widths' | 'subtractDecoderBias' | 'auxK' | 'threads'
>;

export interface SparseStepResult {
  /** Mean over samples of the squared error, summed over d_in. */
  mse: number;
  /** The same of every nested dictionary but the last, which is the whole one. */
  nestedMse: number[];
  /** The auxiliary loss with its coefficient. */
  auxLoss: number;
  /** Mean number of active latents per sample. */
  l0: number;
  /** [dSae] 1 where the latent was active on some sample. */
  fired: Uint8Array;
  /** The smallest active latent of the batch, in the units in which latents compete; null where k is a sample's, or none was active. */
  smallestKept: number | null;
}

/** A training step whose state lives with its threads. */
export interface SparseStep {
  readonly threads: number;
  /** The memory of the step, in bytes: parameters, moments and all that a step needs. */
  readonly memoryBytes: number;
  /**
   * One step of Adam on `x` [batch, dIn]; x is copied at once, so the caller may refill it.
   * `dead` [dSae] marks latents that join the auxiliary loss.
   */
  step(x: Float32Array, options: { learningRate: number; dead?: Uint8Array }): Promise<SparseStepResult>;
  /** A copy of the state, from which another step can go on exactly. */
  read(): Promise<{ parameters: StepParameters; optimiser: AdamState }>;
  /** Ends the threads. */
  close(): Promise<void>;
}
