// The sizes, rates and addresses of one training problem, written by the host (../layout.ts lists the same fields).
// All arrays are float32 or int32, row-major. "width" is d_in rounded up to 16, so that rows are whole SIMD chunks;
// the extra columns hold zeros and stay zero.

/** Samples that one forwardBlock call handles; partial sums are kept per block, so results don't depend on threads. */
export const SAMPLES_PER_BLOCK: i32 = 16;
/** Features that one updateBlock call handles; a multiple of PANEL. */
export const FEATURES_PER_BLOCK: i32 = 32;
/** Features side by side in one panel of the packed encoder. */
export const PANEL: i32 = 8;

@unmanaged
export class Problem {
  batch: i32;
  width: i32;
  features: i32;
  k: i32;
  /** Floats from one row of pre-activations to the next. */
  preStride: i32;
  /** 1 when pre-activations [batch, preStride] were filled in by somebody else (ONNX Runtime). */
  encoded: i32;
  /** Dead features that join this step, and how many of them each sample uses (0: no auxiliary loss). */
  deadCount: i32;
  auxK: i32;

  /** 2 / batch: from an error to the gradient of the mean squared error. */
  scale: f32;
  /** The same for the auxiliary loss, with its coefficient. */
  auxScale: f32;
  /** Adam: learning rate / (1 - 0.9^t). */
  stepSize: f32;
  /** Adam: 1 / sqrt(1 - 0.999^t). */
  varianceScale: f32;

  x: usize; // [batch, width]
  centred: usize; // [batch, width] x - b_dec
  preActivations: usize; // [batch, preStride], only when encoded
  panels: usize; // [features / 8, width, 8] the encoder, packed for the matmul
  encoder: usize; // [features, width] W_enc transposed
  encoderM: usize;
  encoderV: usize;
  decoder: usize; // [features, width]
  decoderM: usize;
  decoderV: usize;
  encoderBias: usize; // [features]
  encoderBiasM: usize;
  encoderBiasV: usize;
  decoderBias: usize; // [width]
  decoderBiasM: usize;
  decoderBiasV: usize;

  indices: usize; // [batch, k] feature of each pair, -1 where the activation is not positive
  values: usize; // [batch, k] activation
  gradients: usize; // [batch, k] gradient of the loss to the pre-activation
  error: usize; // [batch, width] reconstruction - x
  sampleLoss: usize; // [batch] squared norm of the error
  offsets: usize; // [features + 1] where each feature's pairs begin, in feature-major order
  sortedSamples: usize; // [batch * k]
  sortedValues: usize; // [batch * k] activation * scale
  sortedGradients: usize; // [batch * k]

  dead: usize; // [features] indices of the dead features
  auxIndices: usize; // [batch, auxK], and as above for the auxiliary loss
  auxValues: usize;
  auxGradients: usize;
  auxError: usize;
  auxSampleLoss: usize;
  auxOffsets: usize;
  auxSortedSamples: usize;
  auxSortedValues: usize;
  auxSortedGradients: usize;

  errorSums: usize; // [sample blocks, width] column sums of the error
  encoderSums: usize; // [feature blocks, width] bias gradient times encoder row
}
