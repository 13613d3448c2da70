// Which latents may be among a sample's best, without the float32 product of the whole encoder: a product of int16 rows
// bounds every rank from above and below. A latent whose upper bound is below the k-th best lower bound is out; the few
// that are left are measured exactly (encode.as), so that what is chosen is what float32 would have chosen.
import { PANEL, Problem } from './problem';
import { bytes } from './rows';
import { kthLargest } from './select';

/** What was found of a sample: latents whose rank may be among its `wanted` best. */
@unmanaged
export class Found {
  /** A latent is added when its upper bound is above this. */
  floor: f32;
  /** How many best are wanted; 0 when the floor stays as it is. */
  wanted: i32;
  /** Features, ascending; their upper bounds, and their lower bounds, which pre-activations replace in the end. */
  features: usize;
  uppers: usize;
  lowers: usize;
  count: i32;
  /** The floor is raised when there are this many. */
  limit: i32;
}
const FOUND_STRUCT: usize = 28;

/** What the search knows of a sample, followed by what it found: among all latents, and among dead ones. */
@unmanaged
export class SampleSearch {
  /** From a product of packed rows to the product of the rows; and the norm of x. */
  factor: f32;
  norm: f32;
}
export const SEARCH_BYTES: usize = 64;
/** Bytes of a feature with its two bounds. */
export const FOUND_BYTES: usize = 12;

// @ts-ignore: decorator
@inline
export function foundOf(sample: usize): Found {
  return changetype<Found>(sample + 8);
}

// @ts-ignore: decorator
@inline
export function deadFoundOf(sample: usize): Found {
  return changetype<Found>(sample + 8 + FOUND_STRUCT);
}

/**
 * Ranks of four packed samples (quantise.as) with a panel of eight features, from above; those that may matter are added
 * to what was found. `work` has room for the lower bounds of a list.
 */
export function searchTile(
  p: Problem,
  rows: usize,
  panel: usize,
  feature: i32,
  samples: usize,
  withDead: bool,
  work: usize,
): void {
  let left0 = i32x4.splat(0);
  let right0 = left0;
  let left1 = left0;
  let right1 = left0;
  let left2 = left0;
  let right2 = left0;
  let left3 = left0;
  let right3 = left0;
  // Eight sums, two vectors of the panel and one of a sample stay in the sixteen SIMD registers.
  for (const end = rows + (<usize>p.width << 3); rows < end; rows += 16, panel += 32) {
    const left = v128.load(panel);
    const right = v128.load(panel, 16);
    const x0 = v128.load32_splat(rows);
    left0 = i32x4.add(left0, i32x4.dot_i16x8_s(x0, left));
    right0 = i32x4.add(right0, i32x4.dot_i16x8_s(x0, right));
    const x1 = v128.load32_splat(rows, 4);
    left1 = i32x4.add(left1, i32x4.dot_i16x8_s(x1, left));
    right1 = i32x4.add(right1, i32x4.dot_i16x8_s(x1, right));
    const x2 = v128.load32_splat(rows, 8);
    left2 = i32x4.add(left2, i32x4.dot_i16x8_s(x2, left));
    right2 = i32x4.add(right2, i32x4.dot_i16x8_s(x2, right));
    const x3 = v128.load32_splat(rows, 12);
    left3 = i32x4.add(left3, i32x4.dot_i16x8_s(x3, left));
    right3 = i32x4.add(right3, i32x4.dot_i16x8_s(x3, right));
  }
  look(p, samples, left0, right0, feature, withDead, work);
  look(p, samples + SEARCH_BYTES, left1, right1, feature, withDead, work);
  look(p, samples + 2 * SEARCH_BYTES, left2, right2, feature, withDead, work);
  look(p, samples + 3 * SEARCH_BYTES, left3, right3, feature, withDead, work);
}

// @ts-ignore: decorator
@inline
function look(p: Problem, sample: usize, left: v128, right: v128, feature: i32, withDead: bool, work: usize): void {
  const search = changetype<SampleSearch>(sample);
  const factor = f32x4.splat(search.factor);
  const norm = f32x4.splat(search.norm);
  const scales = p.panelScales + bytes(feature);
  const slacks = p.panelSlacks + bytes(feature);
  const biases = p.panelBiases + bytes(feature);
  const upperLeft = upperBound(left, factor, norm, scales, slacks, biases);
  const upperRight = upperBound(right, factor, norm, scales + 16, slacks + 16, biases + 16);
  const found = foundOf(sample);
  const floor = f32x4.splat(found.floor);
  const above = i32x4.bitmask(f32x4.gt(upperLeft, floor)) | (i32x4.bitmask(f32x4.gt(upperRight, floor)) << 4);
  if (above) add(p, found, search.norm, upperLeft, upperRight, feature, above, work);
  if (!withDead) return;
  const dead = p.dead + bytes(feature);
  const deadFound = deadFoundOf(sample);
  const deadFloor = f32x4.splat(deadFound.floor);
  const deadLeft = v128.and(f32x4.gt(upperLeft, deadFloor), v128.load(dead));
  const deadRight = v128.and(f32x4.gt(upperRight, deadFloor), v128.load(dead, 16));
  const deadAbove = i32x4.bitmask(deadLeft) | (i32x4.bitmask(deadRight) << 4);
  if (deadAbove) add(p, deadFound, search.norm, upperLeft, upperRight, feature, deadAbove, work);
}

// @ts-ignore: decorator
@inline
function upperBound(product: v128, factor: v128, norm: v128, scales: usize, slacks: usize, biases: usize): v128 {
  return f32x4.add(
    f32x4.mul(f32x4.convert_i32x4_s(product), f32x4.mul(v128.load(scales), factor)),
    f32x4.add(f32x4.mul(v128.load(slacks), norm), v128.load(biases)),
  );
}

/** Between equals the lower index wins, so a latent that can only draw level with earlier ones is not added. */
function add(
  p: Problem,
  found: Found,
  norm: f32,
  left: v128,
  right: v128,
  feature: i32,
  above: i32,
  work: usize,
): void {
  const norms = f32x4.splat(2 * norm);
  const two = f32x4.splat(2);
  const slacks = p.panelSlacks + bytes(feature);
  const biases = p.biasSlacks + bytes(feature);
  v128.store(work, left);
  v128.store(work, right, 16);
  v128.store(work, lowerBound(left, norms, two, slacks, biases), 32);
  v128.store(work, lowerBound(right, norms, two, slacks + 16, biases + 16), 48);
  let count = found.count;
  for (; above; above &= above - 1, count++) {
    const lane = ctz(above);
    store<i32>(found.features + bytes(count), feature + lane);
    store<f32>(found.uppers + bytes(count), load<f32>(work + bytes(lane)));
    store<f32>(found.lowers + bytes(count), load<f32>(work + bytes(lane), 32));
  }
  found.count = count;
  if (count >= found.limit) raiseFloor(found);
}

// @ts-ignore: decorator
@inline
function lowerBound(upper: v128, norms: v128, two: v128, slacks: usize, biases: usize): v128 {
  const slack = f32x4.add(f32x4.mul(norms, v128.load(slacks)), f32x4.mul(two, v128.load(biases)));
  return f32x4.sub(upper, slack);
}

/** How often the range of lower bounds is halved to find a floor. */
const HALVINGS: i32 = 6;

/** Raises the floor to a value that enough lower bounds reach, nearly the highest such, and drops what is below it. */
function raiseFloor(found: Found): void {
  const lowers = found.lowers;
  const wanted = found.wanted;
  const end = lowers + bytes(found.count);
  // A whole number of vectors
  v128.store(end, f32x4.splat(-f32.MAX_VALUE));
  let lowest = f32x4.splat(f32.MAX_VALUE);
  let highest = f32x4.splat(-f32.MAX_VALUE);
  for (let at = lowers; at < end; at += 16) highest = f32x4.max(highest, v128.load(at));
  for (let at = lowers; at + 16 <= end; at += 16) lowest = f32x4.min(lowest, v128.load(at));
  let high = max<f32>(
    max<f32>(f32x4.extract_lane(highest, 0), f32x4.extract_lane(highest, 1)),
    max<f32>(f32x4.extract_lane(highest, 2), f32x4.extract_lane(highest, 3)),
  );
  let low = min<f32>(
    min<f32>(f32x4.extract_lane(lowest, 0), f32x4.extract_lane(lowest, 1)),
    min<f32>(f32x4.extract_lane(lowest, 2), f32x4.extract_lane(lowest, 3)),
  );
  low = max<f32>(low, found.floor);
  let floor = found.floor;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = low + 0.5 * (high - low);
    if (countReaching(lowers, end, middle) >= wanted) {
      floor = middle;
      low = middle;
    } else {
      high = middle;
    }
  }
  if (floor > found.floor) dropBelow(found, floor);
  found.limit = found.count + wanted + PANEL;
}

/** How many values are at least `least`. */
function countReaching(values: usize, end: usize, least: f32): i32 {
  const leasts = f32x4.splat(least);
  let counts = i32x4.splat(0);
  for (let at = values; at < end; at += 16) counts = i32x4.sub(counts, f32x4.ge(v128.load(at), leasts));
  return (
    i32x4.extract_lane(counts, 0) +
    i32x4.extract_lane(counts, 1) +
    (i32x4.extract_lane(counts, 2) + i32x4.extract_lane(counts, 3))
  );
}

/** The floor becomes the lowest of the best lower bounds. */
export function settleFloor(found: Found, work: usize): void {
  if (found.wanted == 0 || found.count <= found.wanted) return;
  memory.copy(work, found.lowers, bytes(found.count));
  const floor = kthLargest(work, found.count, found.wanted);
  if (floor > found.floor) dropBelow(found, floor);
}

/** Sets the floor and drops those whose upper bound is below it. */
function dropBelow(found: Found, floor: f32): void {
  found.floor = floor;
  let kept: usize = 0;
  for (let at: usize = 0; at < bytes(found.count); at += 4) {
    const upper = load<f32>(found.uppers + at);
    if (upper < floor) continue;
    store<i32>(found.features + kept, load<i32>(found.features + at));
    store<f32>(found.uppers + kept, upper);
    store<f32>(found.lowers + kept, load<f32>(found.lowers + at));
    kept += 4;
  }
  found.count = <i32>(kept >> 2);
}

/** Whether one of the eight features of a panel is dead. */
export function panelHasDead(p: Problem, feature: i32): bool {
  const dead = p.dead + bytes(feature);
  return v128.any_true(v128.or(v128.load(dead), v128.load(dead, 16)));
}

/** Bytes from one panel to the next. */
// @ts-ignore: decorator
@inline
export function panelBytes(p: Problem): usize {
  return <usize>p.width * (PANEL * 2);
}
