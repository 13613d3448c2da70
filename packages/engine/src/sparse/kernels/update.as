// Weight gradients and Adam, row by row of a feature, without gradient buffers.
import { adamRow, adamScalar } from './adam';
import { FEATURES_PER_BLOCK, Problem, SAMPLES_PER_BLOCK } from './problem';
import { packFeature } from './quantise';
import { errorAt, levelEnd } from './reconstruct';
import { addScaled, bytes, dot, gatherSum, scale } from './rows';

/** Moves the features of a block. */
export function updateFeatures(p: Problem, block: i32, scratch: usize): void {
  const width = bytes(p.width);
  const first = block * FEATURES_PER_BLOCK;
  const last = min(first + FEATURES_PER_BLOCK, p.features);
  const encoderSum = p.encoderSums + <usize>block * width;
  if (!p.clipped) memory.fill(encoderSum, 0, width);
  for (let feature = first; feature < last; feature++) {
    const row = <usize>feature * width;
    const at = bytes(feature);
    const biasGradient = gradientsOf(p, feature, scratch);
    // Before the encoder row moves: x - b_dec goes through it, so the bias of the decoder feels it.
    if (!p.clipped) addScaled(encoderSum, biasGradient, p.encoder + row, width);
    const direction = p.decoder + row;
    adamRow(p, direction, p.decoderM + row, p.decoderV + row, scratch, width);
    if (p.unitRows) normalise(direction, width);
    adamRow(p, p.encoder + row, p.encoderM + row, p.encoderV + row, scratch + width, width);
    adamScalar(p, p.encoderBias + at, p.encoderBiasM + at, p.encoderBiasV + at, biasGradient);
    packFeature(p, feature);
  }
}

/** Back to norm 1; a zero row has no direction to keep. */
function normalise(row: usize, width: usize): void {
  const norm = sqrt<f32>(dot(row, row, width));
  if (norm > 0) scale(row, 1 / norm, row, width);
}

/** The squared norm of all gradients of a block of features, and what they add to the gradient of b_dec. */
export function measureFeatures(p: Problem, block: i32, scratch: usize): void {
  const width = bytes(p.width);
  const first = block * FEATURES_PER_BLOCK;
  const last = min(first + FEATURES_PER_BLOCK, p.features);
  const encoderSum = p.encoderSums + <usize>block * width;
  memory.fill(encoderSum, 0, width);
  let squares: f64 = 0;
  for (let feature = first; feature < last; feature++) {
    const biasGradient = gradientsOf(p, feature, scratch);
    addScaled(encoderSum, biasGradient, p.encoder + <usize>feature * width, width);
    squares += <f64>dot(scratch, scratch, width) + <f64>dot(scratch + width, scratch + width, width);
    squares += <f64>biasGradient * <f64>biasGradient;
  }
  store<f64>(p.squares + (<usize>block << 3), squares);
}

/** Gradients of a feature: of its decoder row at `out`, of its encoder row behind it; returns that of its bias. */
function gradientsOf(p: Problem, feature: i32, out: usize): f32 {
  const width = bytes(p.width);
  let level = 0;
  while (feature >= levelEnd(p, level)) level += 1;
  memory.fill(out, 0, 2 * width);
  const error = errorAt(p, level, 0);
  let bias = addPairs(p, feature, error, p.offsets, p.sortedSamples, p.sortedValues, p.sortedGradients, out);
  if (p.auxK > 0) {
    const samples = p.auxSortedSamples;
    bias += addPairs(p, feature, p.auxError, p.auxOffsets, samples, p.auxSortedValues, p.auxSortedGradients, out);
  }
  if (p.unitRows) {
    // No gradient along the row.
    const direction = p.decoder + <usize>feature * width;
    addScaled(out, -dot(out, direction, width), direction, width);
  }
  return bias;
}

/** Adds what a feature's pairs contribute to its decoder and encoder rows; returns the sum for its bias. */
function addPairs(
  p: Problem,
  feature: i32,
  error: usize,
  offsets: usize,
  samples: usize,
  values: usize,
  gradients: usize,
  out: usize,
): f32 {
  const width = bytes(p.width);
  const start = load<i32>(offsets + bytes(feature));
  const count = load<i32>(offsets + bytes(feature + 1)) - start;
  const rows = samples + bytes(start);
  const weights = gradients + bytes(start);
  gatherSum(out, out, error, rows, values + bytes(start), count, width);
  gatherSum(out + width, out + width, p.centred, rows, weights, count, width);
  let sum: f32 = 0;
  for (let i = 0; i < count; i++) sum += load<f32>(weights + bytes(i));
  return sum;
}

/** d loss / d b_dec = scale * sum of errors - sum over features of bias gradient * encoder row, where x - b_dec is encoded. */
function biasGradient(p: Problem, out: usize): void {
  const width = bytes(p.width);
  const sampleBlocks = (p.batch + SAMPLES_PER_BLOCK - 1) / SAMPLES_PER_BLOCK;
  const featureBlocks = (p.features + FEATURES_PER_BLOCK - 1) / FEATURES_PER_BLOCK;
  memory.fill(out, 0, width);
  for (let block = 0; block < sampleBlocks; block++) {
    addScaled(out, p.scale, p.errorSums + <usize>block * width, width);
  }
  if (!p.subtractBias) return;
  for (let block = 0; block < featureBlocks; block++) {
    addScaled(out, -1, p.encoderSums + <usize>block * width, width);
  }
}

/** Moves b_dec. */
export function updateBias(p: Problem, scratch: usize): void {
  biasGradient(p, scratch);
  adamRow(p, p.decoderBias, p.decoderBiasM, p.decoderBiasV, scratch, bytes(p.width));
}

/** p.clipScale = min(1, clipNorm / (norm of all gradients + 1e-6)), as torch's clip_grad_norm_. */
export function limit(p: Problem, scratch: usize): void {
  const width = bytes(p.width);
  biasGradient(p, scratch);
  let squares = <f64>dot(scratch, scratch, width);
  const featureBlocks = (p.features + FEATURES_PER_BLOCK - 1) / FEATURES_PER_BLOCK;
  for (let block = 0; block < featureBlocks; block++) squares += load<f64>(p.squares + (<usize>block << 3));
  p.clipScale = min<f32>(1, p.clipNorm / (<f32>sqrt<f64>(squares) + 1e-6));
}
