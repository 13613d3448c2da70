import { bytes } from './rows';

/**
 * Counting sort of the pairs of all samples to feature-major order; within a feature, samples ascend.
 * Afterwards feature f has the pairs offsets[f] to offsets[f + 1].
 */
export function sortByFeature(
  starts: usize,
  counts: usize,
  indices: usize,
  values: usize,
  gradients: usize,
  samples: i32,
  features: i32,
  valueScale: f32,
  offsets: usize,
  sortedSamples: usize,
  sortedValues: usize,
  sortedGradients: usize,
): void {
  countFeatures(starts, counts, indices, samples, features, offsets);
  // offsets[f] is where the next pair of f goes; when all are placed it has become the start of f + 1.
  for (let sample = 0; sample < samples; sample++) {
    let pair = load<i32>(starts + bytes(sample));
    for (const end = pair + load<i32>(counts + bytes(sample)); pair < end; pair++) {
      const counter = offsets + bytes(load<i32>(indices + bytes(pair)));
      const place = load<i32>(counter);
      store<i32>(counter, place + 1);
      store<i32>(sortedSamples + bytes(place), sample);
      store<f32>(sortedValues + bytes(place), valueScale * load<f32>(values + bytes(pair)));
      store<f32>(sortedGradients + bytes(place), load<f32>(gradients + bytes(pair)));
    }
  }
  memory.copy(offsets + 4, offsets, bytes(features));
  store<i32>(offsets, 0);
}

/** offsets[f] = number of pairs with a feature below f. */
function countFeatures(starts: usize, counts: usize, indices: usize, samples: i32, features: i32, offsets: usize): void {
  memory.fill(offsets, 0, bytes(features + 1));
  for (let sample = 0; sample < samples; sample++) {
    let pair = load<i32>(starts + bytes(sample));
    for (const end = pair + load<i32>(counts + bytes(sample)); pair < end; pair++) {
      const counter = offsets + bytes(load<i32>(indices + bytes(pair)));
      store<i32>(counter, load<i32>(counter) + 1);
    }
  }
  for (let feature = 0, start = 0; feature <= features; feature++) {
    const count = load<i32>(offsets + bytes(feature));
    store<i32>(offsets + bytes(feature), start);
    start += count;
  }
}
