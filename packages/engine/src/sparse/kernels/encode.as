// The encoder of a block of samples: search, then exact values of what was found.
import { PANEL, Problem, SAMPLES_PER_BLOCK, TILE_ROWS } from './problem';
import { LARGEST, packingFactor, packRow } from './quantise';
import { bytes, dot, subtract } from './rows';
import {
  deadFoundOf,
  Found,
  FOUND_BYTES,
  foundOf,
  panelBytes,
  panelHasDead,
  SampleSearch,
  searchTile,
  settleFloor,
  SEARCH_BYTES,
} from './search';
import { kthLargest } from './select';

const LEAST: f32 = -f32.MAX_VALUE;

// Scratch of a thread: searches, packed rows, lists of what was found, and at the end ranks of one sample, twice: where
// the second is put in another order.

// @ts-ignore: decorator
@inline
function listsOf(p: Problem, scratch: usize): usize {
  return scratch + SAMPLES_PER_BLOCK * (SEARCH_BYTES + (<usize>p.width << 1));
}

/** Most that a sample may find, a vector, and so much that the lists don't all begin in the same sets of the caches. */
// @ts-ignore: decorator
@inline
function mostFound(p: Problem): usize {
  return <usize>p.features + 532;
}

/** Room for all that a sample may find, dead ones apart. */
// @ts-ignore: decorator
@inline
function listBytes(p: Problem): usize {
  return mostFound(p) * (p.auxK > 0 ? 2 * FOUND_BYTES : FOUND_BYTES);
}

// @ts-ignore: decorator
@inline
function ranksOf(p: Problem, scratch: usize): usize {
  return listsOf(p, scratch) + SAMPLES_PER_BLOCK * listBytes(p);
}

// @ts-ignore: decorator
@inline
function workOf(p: Problem, scratch: usize): usize {
  return ranksOf(p, scratch) + bytes(p.features + 2 * PANEL);
}

/** Bytes of scratch that a thread needs, encoding or not. */
export function scratchNeeded(p: Problem): usize {
  return max(workOf(p, 0) + bytes(p.features + 2 * PANEL), max(bytes(2 * p.width), 8192));
}

// @ts-ignore: decorator
@inline
function searchOf(scratch: usize, slot: i32): usize {
  return scratch + <usize>slot * SEARCH_BYTES;
}

/** Finds for every sample of a block what may be among its best; `wanted` of them, or all above p.candidateFloor for 0. */
function searchBlock(p: Problem, block: i32, scratch: usize, wanted: i32): void {
  const packed = scratch + SAMPLES_PER_BLOCK * SEARCH_BYTES;
  const tileBytes = <usize>p.width * (TILE_ROWS * 2);
  for (let slot = 0; slot < SAMPLES_PER_BLOCK; slot++) {
    const out = packed + <usize>(slot / TILE_ROWS) * tileBytes + bytes(slot % TILE_ROWS);
    openSearch(p, block * SAMPLES_PER_BLOCK + slot, slot, scratch, out, wanted);
  }
  const work = workOf(p, scratch);
  const withAux = p.auxK > 0;
  const step = panelBytes(p);
  let panel = p.panels;
  for (let feature = 0; feature < p.features; feature += PANEL, panel += step) {
    const withDead = withAux && panelHasDead(p, feature);
    let rows = packed;
    let samples = scratch;
    for (let slot = 0; slot < SAMPLES_PER_BLOCK; slot += TILE_ROWS) {
      searchTile(p, rows, panel, feature, samples, withDead, work);
      rows += tileBytes;
      samples += TILE_ROWS * SEARCH_BYTES;
    }
  }
  for (let slot = 0; slot < SAMPLES_PER_BLOCK; slot++) {
    const sample = searchOf(scratch, slot);
    settleFloor(foundOf(sample), work);
    if (withAux) settleFloor(deadFoundOf(sample), work);
  }
}

/** Prepares the search of a sample and packs its row. A slot without a sample finds nothing. */
function openSearch(p: Problem, sample: i32, slot: i32, scratch: usize, packed: usize, wanted: i32): void {
  const search = changetype<SampleSearch>(searchOf(scratch, slot));
  const list = listsOf(p, scratch) + <usize>slot * listBytes(p);
  const missing = sample >= p.batch;
  const floor: f32 = missing ? f32.MAX_VALUE : wanted > 0 ? 0 : p.candidateFloor;
  openFound(p, foundOf(changetype<usize>(search)), list, wanted, floor);
  const deadList = list + mostFound(p) * FOUND_BYTES;
  openFound(p, deadFoundOf(changetype<usize>(search)), deadList, p.auxK, missing ? f32.MAX_VALUE : LEAST);
  search.factor = 0;
  search.norm = 0;
  const width = bytes(p.width);
  if (missing) return packRow(p.centred, p.width, 0, packed, bytes(TILE_ROWS));
  const row = p.centred + <usize>sample * width;
  if (p.subtractBias) subtract(row, p.x + <usize>sample * width, p.decoderBias, width);
  const norm = sqrt<f32>(dot(row, row, width));
  search.norm = norm;
  search.factor = norm / LARGEST;
  packRow(row, p.width, packingFactor(norm), packed, bytes(TILE_ROWS));
}

// @ts-ignore: decorator
@inline
function openFound(p: Problem, found: Found, list: usize, wanted: i32, floor: f32): void {
  found.floor = floor;
  found.wanted = wanted;
  found.features = list;
  found.uppers = list + (mostFound(p) << 2);
  found.lowers = list + (mostFound(p) << 3);
  found.count = 0;
  found.limit = wanted > 0 ? 2 * wanted + PANEL : i32.MAX_VALUE;
}

/** Pre-activation in float32. */
// @ts-ignore: decorator
@inline
function preActivation(p: Problem, sample: i32, feature: i32): f32 {
  const width = bytes(p.width);
  const row = p.centred + <usize>sample * width;
  return dot(row, p.encoder + <usize>feature * width, width) + load<f32>(p.encoderBias + bytes(feature));
}

/** Measures what was found: pre-activations take the place of lower bounds, ranks go to `ranks`. Only ranks above `least` stay. */
function measure(p: Problem, sample: i32, found: Found, least: f32, ranks: usize): void {
  let kept = 0;
  for (let i = 0; i < found.count; i++) {
    const feature = load<i32>(found.features + bytes(i));
    const value = preActivation(p, sample, feature);
    const rank = value * load<f32>(p.rankNorms + bytes(feature));
    if (!(rank > least)) continue;
    store<i32>(found.features + bytes(kept), feature);
    store<f32>(found.lowers + bytes(kept), value);
    store<f32>(ranks + bytes(kept), rank);
    kept += 1;
  }
  found.count = kept;
}

/** Writes the k best of what was measured, features ascending; between equal ranks the lower one. Returns how many. */
function keepBest(found: Found, ranks: usize, k: i32, work: usize, indices: usize, values: usize): i32 {
  const count = found.count;
  let last = LEAST;
  let level = 0;
  if (count > k) {
    memory.copy(work, ranks, bytes(count));
    last = kthLargest(work, count, k);
    level = k;
    for (let i = 0; i < count; i++) if (load<f32>(ranks + bytes(i)) > last) level -= 1;
  }
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const rank = load<f32>(ranks + bytes(i));
    if (rank < last || (rank == last && level-- <= 0)) continue;
    store<i32>(indices + bytes(kept), load<i32>(found.features + bytes(i)));
    store<f32>(values + bytes(kept), load<f32>(found.lowers + bytes(i)));
    kept += 1;
  }
  return kept;
}

/** TopK: the pairs of a block. */
export function encodeTopK(p: Problem, block: i32, scratch: usize): void {
  searchBlock(p, block, scratch, p.k);
  const ranks = ranksOf(p, scratch);
  const work = workOf(p, scratch);
  const first = block * SAMPLES_PER_BLOCK;
  const last = min(first + SAMPLES_PER_BLOCK, p.batch);
  for (let sample = first; sample < last; sample++) {
    const found = foundOf(searchOf(scratch, sample - first));
    const start = sample * p.k;
    measure(p, sample, found, 0, ranks);
    const kept = keepBest(found, ranks, p.k, work, p.indices + bytes(start), p.values + bytes(start));
    store<i32>(p.pairStarts + bytes(sample), start);
    store<i32>(p.pairCounts + bytes(sample), kept);
  }
  keepDead(p, first, last, scratch);
}

/** The best dead features of each sample. */
function keepDead(p: Problem, first: i32, last: i32, scratch: usize): void {
  if (p.auxK == 0) return;
  const ranks = ranksOf(p, scratch);
  const work = workOf(p, scratch);
  for (let sample = first; sample < last; sample++) {
    const found = deadFoundOf(searchOf(scratch, sample - first));
    const start = sample * p.auxK;
    measure(p, sample, found, LEAST, ranks);
    const kept = keepBest(found, ranks, p.auxK, work, p.auxIndices + bytes(start), p.auxValues + bytes(start));
    store<i32>(p.auxStarts + bytes(sample), start);
    store<i32>(p.auxCounts + bytes(sample), kept);
  }
}

/** BatchTopK: the latents of a block that rank above p.candidateFloor. The batch decides among them (choose.as). */
export function encodeCandidates(p: Problem, block: i32, scratch: usize): void {
  searchBlock(p, block, scratch, 0);
  const ranks = ranksOf(p, scratch);
  const first = block * SAMPLES_PER_BLOCK;
  const last = min(first + SAMPLES_PER_BLOCK, p.batch);
  let total = 0;
  for (let sample = first; sample < last; sample++) {
    const found = foundOf(searchOf(scratch, sample - first));
    measure(p, sample, found, p.candidateFloor, ranks);
    store<i32>(p.candidateCounts + bytes(sample), found.count);
    total += found.count;
  }
  const start = atomic.add<i32>(changetype<usize>(p) + offsetof<Problem>('candidateCount'), total);
  store<i32>(p.candidateStarts + bytes(block), start);
  if (start + total <= p.candidateCapacity) {
    let place = start;
    for (let sample = first; sample < last; sample++) {
      writeCandidates(p, foundOf(searchOf(scratch, sample - first)), place);
      place += load<i32>(p.candidateCounts + bytes(sample));
    }
  }
  keepDead(p, first, last, scratch);
}

function writeCandidates(p: Problem, found: Found, place: i32): void {
  for (let i = 0; i < found.count; i++, place++) {
    const feature = load<i32>(found.features + bytes(i));
    const value = load<f32>(found.lowers + bytes(i));
    store<i32>(p.candidateIndices + bytes(place), feature);
    store<f32>(p.candidateValues + bytes(place), value);
    store<f32>(p.candidateRanks + bytes(place), value * load<f32>(p.rankNorms + bytes(feature)));
  }
}

/** A first guess of p.candidateFloor: half of the mean of the k-th best ranks in the first block. */
export function guessFloor(p: Problem, scratch: usize): void {
  searchBlock(p, 0, scratch, p.k);
  const samples = min(SAMPLES_PER_BLOCK, p.batch);
  let sum: f32 = 0;
  for (let slot = 0; slot < samples; slot++) sum += foundOf(searchOf(scratch, slot)).floor;
  p.candidateFloor = (0.5 * sum) / <f32>samples;
}
