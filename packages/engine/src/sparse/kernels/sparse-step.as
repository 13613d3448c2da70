// The training step of a TopK, BatchTopK or Matryoshka SAE. Phases, each spread over threads by blocks; the host calls,
// in this order:
//   TopK:       forwardBlock for every block of samples: pairs, reconstruction, error, gradients of the pre-activations
//   BatchTopK:  candidateBlock for every block of samples, chooseKept, then reconstructBlock
//   sortPairs:                            pairs to feature-major order
//   measureBlock, limitGradients:         where the gradient's norm is limited
//   updateBlock for every feature block:  weight gradients and Adam
//   updateDecoderBias
// Loss: mean over samples of |x_hat - x|^2, summed over nested dictionaries, plus the auxiliary loss of dead features
// (Gao et al. 2024, appendix A.2). A latent that ranks by pre-activation times decoder norm still adds pre-activation
// times decoder row, so only choosing knows of norms.
import { chooseBatch } from './choose';
import { encodeCandidates, encodeTopK, guessFloor, scratchNeeded } from './encode';
import { PANEL, Problem } from './problem';
import { packFeature } from './quantise';
import { reconstructSamples } from './reconstruct';
import { bytes } from './rows';
// Parts that are tested by themselves.
export { packRow } from './quantise';
export { dot, gatherSum } from './rows';
export { kthLargest } from './select';
import { sortByFeature } from './sort';
import { limit, measureFeatures, updateBias, updateFeatures } from './update';

/** Bytes of scratch that each thread needs for this problem. */
export function scratchBytes(p: Problem): usize {
  return scratchNeeded(p);
}

/** Packs the whole encoder for the first step. Features that only fill up the last panel never rank. */
export function packEncoder(p: Problem): void {
  for (let feature = 0; feature < p.features; feature++) packFeature(p, feature);
  for (let feature = p.features; feature % PANEL != 0; feature++) {
    store<f32>(p.panelBiases + bytes(feature), -f32.MAX_VALUE);
  }
}

export function forwardBlock(p: Problem, block: i32, scratch: usize): void {
  encodeTopK(p, block, scratch);
  reconstructSamples(p, block);
}

export function guessCandidateFloor(p: Problem, scratch: usize): void {
  guessFloor(p, scratch);
}

export function candidateBlock(p: Problem, block: i32, scratch: usize): void {
  encodeCandidates(p, block, scratch);
}

export function chooseKept(p: Problem, scratch: usize): void {
  chooseBatch(p, scratch);
}

export function reconstructBlock(p: Problem, block: i32, scratch: usize): void {
  reconstructSamples(p, block);
}

export function sortPairs(p: Problem): void {
  sortByFeature(
    p.pairStarts,
    p.pairCounts,
    p.indices,
    p.values,
    p.gradients,
    p.batch,
    p.features,
    p.scale,
    p.offsets,
    p.sortedSamples,
    p.sortedValues,
    p.sortedGradients,
  );
  if (p.auxK == 0) return;
  sortByFeature(
    p.auxStarts,
    p.auxCounts,
    p.auxIndices,
    p.auxValues,
    p.auxGradients,
    p.batch,
    p.features,
    p.auxScale,
    p.auxOffsets,
    p.auxSortedSamples,
    p.auxSortedValues,
    p.auxSortedGradients,
  );
}

export function measureBlock(p: Problem, block: i32, scratch: usize): void {
  measureFeatures(p, block, scratch);
}

export function limitGradients(p: Problem, scratch: usize): void {
  limit(p, scratch);
}

export function updateBlock(p: Problem, block: i32, scratch: usize): void {
  updateFeatures(p, block, scratch);
}

export function updateDecoderBias(p: Problem, scratch: usize): void {
  updateBias(p, scratch);
}
