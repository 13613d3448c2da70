// The TopK training step. Three phases, each spread over threads by blocks; the host calls, in this order:
//   forwardBlock for every block of samples:  pre-activations, top-k, decode, error, gradients of the pre-activations
//   sortPairs:                                pairs to feature-major order
//   updateBlock for every block of features:  weight gradients and Adam, row by row, without gradient buffers
//   updateDecoderBias
// Loss: mean over samples of |x_hat - x|^2, plus the auxiliary loss of dead features (Gao et al. 2024, appendix A.2).
import { adamRow, adamScalar } from './adam';
import { encodeBlock, packPanels } from './matmul';
import { FEATURES_PER_BLOCK, Problem, SAMPLES_PER_BLOCK } from './problem';
import { addScaled, bytes, dot, gatherSum, scale, subtract } from './rows';
import { sortByFeature } from './sort';
import { selectTopK } from './top-k';

/** Packs the whole encoder for the first step. */
export function packEncoder(p: Problem): void {
  packPanels(p, 0, p.features);
}

/** Floats of scratch that a thread needs: a tile of pre-activations and the dead ones of a sample. */
export function scratchFloats(p: Problem): i32 {
  return max((SAMPLES_PER_BLOCK + 1) * p.preStride, 2 * p.width);
}

export function forwardBlock(p: Problem, block: i32, scratch: usize): void {
  const width = bytes(p.width);
  const first = block * SAMPLES_PER_BLOCK;
  const last = min(first + SAMPLES_PER_BLOCK, p.batch);
  for (let sample = first; sample < last; sample++) {
    const row = <usize>sample * width;
    subtract(p.centred + row, p.x + row, p.decoderBias, width);
  }
  let preActivations = scratch;
  if (p.encoded) preActivations = p.preActivations + <usize>first * bytes(p.preStride);
  else encodeBlock(p, first, scratch);
  const deadScratch = scratch + <usize>SAMPLES_PER_BLOCK * bytes(p.preStride);
  const errorSum = p.errorSums + <usize>block * width;
  memory.fill(errorSum, 0, width);
  for (let sample = first; sample < last; sample++) {
    const row = preActivations + <usize>(sample - first) * bytes(p.preStride);
    reconstruct(p, sample, row);
    if (p.auxK > 0) reconstructError(p, sample, row, deadScratch);
    addScaled(errorSum, 1, p.error + <usize>sample * width, width);
  }
}

/** Top-k with ReLU, reconstruction error, and gradients of the active pre-activations, for one sample. */
function reconstruct(p: Problem, sample: i32, preActivations: usize): void {
  const width = bytes(p.width);
  const pairs = bytes(sample * p.k);
  const indices = p.indices + pairs;
  const values = p.values + pairs;
  const error = p.error + <usize>sample * width;
  selectTopK(preActivations, p.features, p.k, indices, values);
  for (let at: usize = 0; at < bytes(p.k); at += 4) if (!(load<f32>(values + at) > 0)) store<i32>(indices + at, -1);
  gatherSum(error, p.decoderBias, p.decoder, indices, values, p.k, width);
  subtract(error, error, p.x + <usize>sample * width, width);
  store<f32>(p.sampleLoss + bytes(sample), dot(error, error, width));
  storeGradients(p, error, indices, p.gradients + pairs, p.k, p.scale);
}

/**
 * The auxiliary loss: the auxK best dead features reconstruct what the live ones left over.
 * The left-over (x - x_hat = -error) is a constant here, and no bias is added (SAELens #644).
 */
function reconstructError(p: Problem, sample: i32, preActivations: usize, deadValues: usize): void {
  const width = bytes(p.width);
  const pairs = bytes(sample * p.auxK);
  const indices = p.auxIndices + pairs;
  const values = p.auxValues + pairs;
  const auxError = p.auxError + <usize>sample * width;
  for (let i = 0; i < p.deadCount; i++) {
    const feature = load<i32>(p.dead + bytes(i));
    store<f32>(deadValues + bytes(i), load<f32>(preActivations + bytes(feature)));
  }
  selectTopK(deadValues, p.deadCount, p.auxK, indices, values);
  for (let at: usize = 0; at < bytes(p.auxK); at += 4) {
    store<i32>(indices + at, load<i32>(p.dead + bytes(load<i32>(indices + at))));
  }
  gatherSum(auxError, p.error + <usize>sample * width, p.decoder, indices, values, p.auxK, width);
  store<f32>(p.auxSampleLoss + bytes(sample), dot(auxError, auxError, width));
  storeGradients(p, auxError, indices, p.auxGradients + pairs, p.auxK, p.auxScale);
}

/** gradients[i] = factor * error . decoder[indices[i]] */
function storeGradients(p: Problem, error: usize, indices: usize, gradients: usize, count: i32, factor: f32): void {
  const width = bytes(p.width);
  for (let at: usize = 0; at < bytes(count); at += 4) {
    const feature = load<i32>(indices + at);
    if (feature >= 0) store<f32>(gradients + at, factor * dot(error, p.decoder + <usize>feature * width, width));
  }
}

export function sortPairs(p: Problem): void {
  sortByFeature(
    p.indices,
    p.values,
    p.gradients,
    p.batch,
    p.k,
    p.features,
    p.scale,
    p.offsets,
    p.sortedSamples,
    p.sortedValues,
    p.sortedGradients,
  );
  if (p.auxK == 0) return;
  sortByFeature(
    p.auxIndices,
    p.auxValues,
    p.auxGradients,
    p.batch,
    p.auxK,
    p.features,
    p.auxScale,
    p.auxOffsets,
    p.auxSortedSamples,
    p.auxSortedValues,
    p.auxSortedGradients,
  );
}

export function updateBlock(p: Problem, block: i32, scratch: usize): void {
  const width = bytes(p.width);
  const first = block * FEATURES_PER_BLOCK;
  const last = min(first + FEATURES_PER_BLOCK, p.features);
  const encoderSum = p.encoderSums + <usize>block * width;
  memory.fill(encoderSum, 0, width);
  for (let feature = first; feature < last; feature++) updateFeature(p, feature, encoderSum, scratch);
  if (!p.encoded) packPanels(p, first, last);
}

function updateFeature(p: Problem, feature: i32, encoderSum: usize, scratch: usize): void {
  const width = bytes(p.width);
  const row = <usize>feature * width;
  const decoderGradient = scratch;
  const encoderGradient = scratch + width;
  memory.fill(scratch, 0, 2 * width);
  let biasGradient = addGradients(
    p,
    feature,
    p.error,
    p.offsets,
    p.sortedSamples,
    p.sortedValues,
    p.sortedGradients,
    decoderGradient,
    encoderGradient,
  );
  if (p.auxK > 0) {
    biasGradient += addGradients(
      p,
      feature,
      p.auxError,
      p.auxOffsets,
      p.auxSortedSamples,
      p.auxSortedValues,
      p.auxSortedGradients,
      decoderGradient,
      encoderGradient,
    );
  }
  // Before the encoder row moves: x - b_dec goes through it, so the bias of the decoder feels it.
  addScaled(encoderSum, biasGradient, p.encoder + row, width);
  updateDecoderRow(p, row, decoderGradient);
  adamRow(p.encoder + row, p.encoderM + row, p.encoderV + row, encoderGradient, width, p.stepSize, p.varianceScale);
  const at = bytes(feature);
  adamScalar(p.encoderBias + at, p.encoderBiasM + at, p.encoderBiasV + at, biasGradient, p.stepSize, p.varianceScale);
}

/** Adds what a feature's pairs contribute to its decoder and encoder rows; returns the sum for its bias. */
function addGradients(
  p: Problem,
  feature: i32,
  error: usize,
  offsets: usize,
  samples: usize,
  values: usize,
  gradients: usize,
  decoderGradient: usize,
  encoderGradient: usize,
): f32 {
  const width = bytes(p.width);
  const start = load<i32>(offsets + bytes(feature));
  const count = load<i32>(offsets + bytes(feature + 1)) - start;
  const rows = samples + bytes(start);
  const weights = gradients + bytes(start);
  gatherSum(decoderGradient, decoderGradient, error, rows, values + bytes(start), count, width);
  gatherSum(encoderGradient, encoderGradient, p.centred, rows, weights, count, width);
  let sum: f32 = 0;
  for (let i = 0; i < count; i++) sum += load<f32>(weights + bytes(i));
  return sum;
}

/** Keeps the row on the unit sphere: no gradient along the row, Adam, then back to norm 1 (a zero row has no direction to keep). */
function updateDecoderRow(p: Problem, row: usize, gradient: usize): void {
  const width = bytes(p.width);
  const weights = p.decoder + row;
  addScaled(gradient, -dot(gradient, weights, width), weights, width);
  adamRow(weights, p.decoderM + row, p.decoderV + row, gradient, width, p.stepSize, p.varianceScale);
  const norm = sqrt<f32>(dot(weights, weights, width));
  if (norm > 0) scale(weights, 1 / norm, weights, width);
}

/** d loss / d b_dec = scale * sum of errors - sum over features of bias gradient * encoder row. */
export function updateDecoderBias(p: Problem, scratch: usize): void {
  const width = bytes(p.width);
  const sampleBlocks = (p.batch + SAMPLES_PER_BLOCK - 1) / SAMPLES_PER_BLOCK;
  const featureBlocks = (p.features + FEATURES_PER_BLOCK - 1) / FEATURES_PER_BLOCK;
  memory.fill(scratch, 0, width);
  for (let block = 0; block < sampleBlocks; block++) {
    addScaled(scratch, p.scale, p.errorSums + <usize>block * width, width);
  }
  for (let block = 0; block < featureBlocks; block++) {
    addScaled(scratch, -1, p.encoderSums + <usize>block * width, width);
  }
  adamRow(p.decoderBias, p.decoderBiasM, p.decoderBiasV, scratch, width, p.stepSize, p.varianceScale);
}
