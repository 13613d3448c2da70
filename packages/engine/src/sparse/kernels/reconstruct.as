import { Problem, SAMPLES_PER_BLOCK } from './problem';
import { addScaled, bytes, dot, gatherSum, subtract } from './rows';

/** Errors, losses and gradients of the pre-activations of a block of samples, from its pairs. */
export function reconstructSamples(p: Problem, block: i32): void {
  const width = bytes(p.width);
  const first = block * SAMPLES_PER_BLOCK;
  const last = min(first + SAMPLES_PER_BLOCK, p.batch);
  const errorSum = p.errorSums + <usize>block * width;
  memory.fill(errorSum, 0, width);
  for (let sample = first; sample < last; sample++) {
    reconstruct(p, sample);
    if (p.auxK > 0) reconstructError(p, sample);
    addErrors(p, sample);
    storeGradients(p, sample);
    addScaled(errorSum, 1, p.error + <usize>sample * width, width);
  }
}

/** The error of a sample at a level. */
// @ts-ignore: decorator
@inline
export function errorAt(p: Problem, level: i32, sample: i32): usize {
  return p.error + (<usize>level * <usize>p.batch + <usize>sample) * bytes(p.width);
}

// @ts-ignore: decorator
@inline
export function levelEnd(p: Problem, level: i32): i32 {
  return load<i32>(p.levelEnds + bytes(level));
}

/** reconstruction - x of every level; each adds its own latents to what the levels before it reconstruct. */
function reconstruct(p: Problem, sample: i32): void {
  const width = bytes(p.width);
  let pair = load<i32>(p.pairStarts + bytes(sample));
  const end = pair + load<i32>(p.pairCounts + bytes(sample));
  let before = errorAt(p, 0, sample);
  subtract(before, p.decoderBias, p.x + <usize>sample * width, width);
  for (let level = 0; level < p.levels; level++) {
    const from = pair;
    const error = errorAt(p, level, sample);
    while (pair < end && load<i32>(p.indices + bytes(pair)) < levelEnd(p, level)) pair += 1;
    gatherSum(error, before, p.decoder, p.indices + bytes(from), p.values + bytes(from), pair - from, width);
    store<f32>(p.sampleLoss + bytes(level * p.batch + sample), dot(error, error, width));
    before = error;
  }
}

/**
 * The auxiliary loss: the best dead features reconstruct what the live ones left over.
 * The left-over (x - x_hat = -error) is a constant here, and no bias is added (SAELens #644).
 */
function reconstructError(p: Problem, sample: i32): void {
  const width = bytes(p.width);
  const start = load<i32>(p.auxStarts + bytes(sample));
  const count = load<i32>(p.auxCounts + bytes(sample));
  const indices = p.auxIndices + bytes(start);
  const auxError = p.auxError + <usize>sample * width;
  gatherSum(auxError, errorAt(p, p.levels - 1, sample), p.decoder, indices, p.auxValues + bytes(start), count, width);
  store<f32>(p.auxSampleLoss + bytes(sample), dot(auxError, auxError, width));
  for (let i = 0; i < count; i++) {
    const direction = p.decoder + <usize>load<i32>(indices + bytes(i)) * width;
    store<f32>(p.auxGradients + bytes(start + i), p.auxScale * dot(auxError, direction, width));
  }
}

/** A latent is in the reconstruction of its own level and of all later ones, so their errors are summed from the last. */
function addErrors(p: Problem, sample: i32): void {
  for (let level = p.levels - 2; level >= 0; level--)
    addScaled(errorAt(p, level, sample), 1, errorAt(p, level + 1, sample), bytes(p.width));
}

/** gradient = scale * error . decoder row */
function storeGradients(p: Problem, sample: i32): void {
  const width = bytes(p.width);
  const start = load<i32>(p.pairStarts + bytes(sample));
  const end = start + load<i32>(p.pairCounts + bytes(sample));
  let level = 0;
  for (let pair = start; pair < end; pair++) {
    const feature = load<i32>(p.indices + bytes(pair));
    while (feature >= levelEnd(p, level)) level += 1;
    const direction = p.decoder + <usize>feature * width;
    store<f32>(p.gradients + bytes(pair), p.scale * dot(errorAt(p, level, sample), direction, width));
  }
}
