/** The parameters of an SAE with one bias a side, SAELens orientation: y = x @ W. Row-major. */
export interface TopKParameters {
  /** [d_in, d_sae] */
  W_enc: Float32Array;
  /** [d_sae] */
  b_enc: Float32Array;
  /** [d_sae, d_in], rows of unit norm */
  W_dec: Float32Array;
  /** [d_in] */
  b_dec: Float32Array;
}

/** Adam's state: the number of steps taken, and the first (m) and second (v) moment of every parameter. */
export interface AdamState {
  step: number;
  m: TopKParameters;
  v: TopKParameters;
}

/** What a sparse code is: for each of `rows` samples its `k` pairs. A value of 0 is inactive. */
export interface SparsePairs {
  rows: number;
  k: number;
  /** [rows * k] */
  indices: Int32Array;
  /** [rows * k] */
  values: Float32Array;
}

/** Who multiplies by the encoder: `wasm` inside the kernels, `onnx` with ONNX Runtime. */
export type EncoderKind = 'wasm' | 'onnx';

export interface TopKStepOptions {
  dIn: number;
  dSae: number;
  /** Active latents per sample. */
  k: number;
  /** Samples per step. */
  batch: number;
  /** Most dead latents per sample in the auxiliary loss; half of d_in by default, 0 switches it off. */
  auxK?: number;
  /** Weight of the auxiliary loss; 1/32 by default. */
  auxCoefficient?: number;
  /** Threads that compute; all cores by default. The results do not depend on it. */
  threads?: number;
  /** Chosen by size when not given. */
  encoder?: EncoderKind;
  parameters: TopKParameters;
  /** To go on from an earlier `read()`. */
  optimiser?: AdamState;
}

export interface TopKStepResult {
  /** Mean over samples of the squared error, summed over d_in. */
  mse: number;
  /** The auxiliary loss with its coefficient. */
  auxLoss: number;
  /** Mean number of active latents per sample. */
  l0: number;
  /** [dSae] 1 where the latent was active on some sample. */
  fired: Uint8Array;
}

/** A training step of a TopK SAE whose state lives with its threads. */
export interface TopKStep {
  readonly encoder: EncoderKind;
  readonly threads: number;
  /**
   * One step of Adam on `x` [batch, dIn]; x is copied at once, so the caller may refill it.
   * `dead` [dSae] marks latents that join the auxiliary loss.
   */
  step(x: Float32Array, options: { learningRate: number; dead?: Uint8Array }): Promise<TopKStepResult>;
  /** A copy of the state, from which another step can go on exactly. */
  read(): Promise<{ parameters: TopKParameters; optimiser: AdamState }>;
  /** Ends the threads. */
  close(): Promise<void>;
}
