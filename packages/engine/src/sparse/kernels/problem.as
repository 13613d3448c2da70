// The sizes, rates and addresses of one training problem, written by the host (../layout.ts lists the same fields).
// All arrays are float32 or int32, row-major, unless said otherwise. "width" is d_in rounded up to 16, so that rows are
// whole SIMD chunks; the extra columns hold zeros and stay zero.

/** Samples that one encodeBlock or reconstructBlock call handles; sums are kept per block, so results don't depend on threads. */
export const SAMPLES_PER_BLOCK: i32 = 32;
/** Features that one updateBlock or measureBlock call handles; a multiple of PANEL. */
export const FEATURES_PER_BLOCK: i32 = 32;
/** Features side by side in one panel of the packed encoder. */
export const PANEL: i32 = 8;
/** Samples that meet a panel together. */
export const TILE_ROWS: i32 = 4;

@unmanaged
export class Problem {
  batch: i32;
  width: i32;
  features: i32;
  /** Active latents of a sample at most (TopK), or of the sample that the first batch threshold is guessed by (BatchTopK). */
  k: i32;
  /** Active latents of the whole batch (BatchTopK); 0 for TopK. */
  budget: i32;
  /** Nested dictionaries (Matryoshka); 1 for a plain one. */
  levels: i32;
  /** 1 when x - b_dec is encoded, 0 when x is. */
  subtractBias: i32;
  /** 1 when latents are ranked by pre-activation times decoder norm. */
  rescale: i32;
  /** 1 when decoder rows stay at norm 1. */
  unitRows: i32;
  /** 1 when the gradient's norm is limited: measureBlock and limitGradients run before updateBlock. */
  clipped: i32;
  /** Dead features that join this step, and how many of them each sample uses (0: no auxiliary loss). */
  deadCount: i32;
  auxK: i32;
  /** Pairs that fit into the candidates of a batch, and how many there were (counted beyond what fits). */
  candidateCapacity: i32;
  candidateCount: i32;

  /** 2 / batch: from an error to the gradient of the mean squared error. */
  scale: f32;
  /** The same for the auxiliary loss, with its coefficient. */
  auxScale: f32;
  /** Adam: learning rate / (1 - beta1^t). */
  stepSize: f32;
  /** Adam: 1 / sqrt(1 - beta2^t). */
  varianceScale: f32;
  beta1: f32;
  beta2: f32;
  /** The norm that all gradients together have at most. */
  clipNorm: f32;
  /** What gradients are multiplied by in this step: less than 1 when they were too long. */
  clipScale: f32;
  /** Ranks above this one become candidates of a batch; a guess that costs time when it is wrong, nothing else. */
  candidateFloor: f32;
  /** The smallest rank that was kept in this step; 0 when none was. */
  smallestKept: f32;

  x: usize; // [batch, width]
  centred: usize; // [batch, width] x - b_dec, or x
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

  panels: usize; // [features / 8, width / 2, 8, 2] int16: encoder rows, each times its own factor (quantise.as)
  rankNorms: usize; // [features] what a pre-activation is multiplied by to get its rank
  panelScales: usize; // [features] from a product with a panel to a rank, but for the sample's factor
  panelSlacks: usize; // [features] how far such a rank may be from the true one, but for the sample's norm
  panelBiases: usize; // [features] bias in units of rank, and a little more (biasSlacks)
  biasSlacks: usize; // [features]

  levelEnds: usize; // [levels] latents of each nested dictionary
  pairStarts: usize; // [batch + 1] where each sample's pairs begin
  pairCounts: usize; // [batch] active latents of each sample
  indices: usize; // feature of each pair, ascending within a sample
  values: usize; // pre-activation
  gradients: usize; // gradient of the loss to the pre-activation
  error: usize; // [levels, batch, width] reconstruction - x, summed over the levels from this one on
  sampleLoss: usize; // [levels, batch] squared norm of each level's own error
  offsets: usize; // [features + 1] where each feature's pairs begin, in feature-major order
  sortedSamples: usize;
  sortedValues: usize; // pre-activation * scale
  sortedGradients: usize;

  candidateStarts: usize; // [sample blocks] where each block's candidates begin
  candidateCounts: usize; // [batch]
  candidateIndices: usize; // [candidateCapacity]
  candidateValues: usize; // [candidateCapacity] pre-activation
  candidateRanks: usize; // [candidateCapacity]

  dead: usize; // [features] -1 where the feature is dead, else 0
  auxStarts: usize; // [batch + 1], and as above for the auxiliary loss
  auxCounts: usize;
  auxIndices: usize;
  auxValues: usize;
  auxGradients: usize;
  auxError: usize; // [batch, width]
  auxSampleLoss: usize;
  auxOffsets: usize;
  auxSortedSamples: usize;
  auxSortedValues: usize;
  auxSortedGradients: usize;

  errorSums: usize; // [sample blocks, width] column sums of the error
  encoderSums: usize; // [feature blocks, width] bias gradient times encoder row
  squares: usize; // [feature blocks] float64: squared norm of the gradients
}
