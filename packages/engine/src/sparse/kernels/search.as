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
  /** (feature, upper bound), features ascending. */
  list: usize;
  count: i32;
  /** The floor is raised when the list is this long. */
  limit: i32;
}
const FOUND_STRUCT: usize = 20;

/** What the search knows of a sample, followed by what it found: among all latents, and among dead ones. */
@unmanaged
export class SampleSearch {
  /** From a product of packed rows to the product of the rows; and the norm of x. */
  factor: f32;
  norm: f32;
}
export const SEARCH_BYTES: usize = 48;
/** Bytes of a (feature, upper bound). */
export const FOUND_BYTES: usize = 8;

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
  v128.store(work, left);
  v128.store(work, right, 16);
  let place = found.list + <usize>found.count * FOUND_BYTES;
  for (; above; above &= above - 1, place += FOUND_BYTES) {
    const lane = ctz(above);
    store<i32>(place, feature + lane);
    store<f32>(place + 4, load<f32>(work + bytes(lane)));
    found.count += 1;
  }
  if (found.count >= found.limit) raiseFloor(p, found, norm, work);
}

/** Raises the floor to the lowest of the best lower bounds, and drops what is below it. */
export function raiseFloor(p: Problem, found: Found, norm: f32, work: usize): void {
  const wanted = found.wanted;
  if (wanted == 0 || found.count <= wanted) return;
  for (let i = 0; i < found.count; i++) {
    const from = found.list + <usize>i * FOUND_BYTES;
    const feature = bytes(load<i32>(from));
    const slack = norm * load<f32>(p.panelSlacks + feature) + load<f32>(p.biasSlacks + feature);
    store<f32>(work + bytes(i), load<f32>(from + 4) - 2 * slack);
  }
  const floor = kthLargest(work, found.count, wanted);
  if (!(floor > found.floor)) return;
  found.floor = floor;
  let kept = 0;
  for (let i = 0; i < found.count; i++) {
    const from = found.list + <usize>i * FOUND_BYTES;
    if (load<f32>(from + 4) < floor) continue;
    store<u64>(found.list + <usize>kept * FOUND_BYTES, load<u64>(from));
    kept += 1;
  }
  found.count = kept;
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
