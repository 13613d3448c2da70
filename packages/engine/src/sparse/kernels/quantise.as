// Rows as int16, for the search of candidates (search.as): each row times a factor of its own that makes its norm
// LARGEST. Products of two such rows stay below 2^31 (Cauchy and Schwarz), so that int32 sums can't overflow, and a
// rounding error of at most 1/2 a number moves a product by a known share of |x| |w| at most.
import { PANEL, Problem } from './problem';
import { bytes, dot } from './rows';

export const LARGEST: f32 = 32767;

/** Pairs of a row's numbers as int16, `stride` bytes from one to the next. `width` in floats, a multiple of 16. */
export function packRow(row: usize, width: i32, factor: f32, out: usize, stride: usize): void {
  const factors = f32x4.splat(factor);
  for (let at = 0; at < width; at += 8) {
    const from = row + bytes(at);
    const left = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(factors, v128.load(from))));
    const right = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(factors, v128.load(from, 16))));
    const pairs = i16x8.narrow_i32x4_s(left, right);
    v128.store_lane<i32>(out, pairs, 0);
    v128.store_lane<i32>(out + stride, pairs, 1);
    v128.store_lane<i32>(out + 2 * stride, pairs, 2);
    v128.store_lane<i32>(out + 3 * stride, pairs, 3);
    out += 4 * stride;
  }
}

/** What a row of this norm is multiplied by; 0 for a row that has no direction. */
// @ts-ignore: decorator
@inline
export function packingFactor(norm: f32): f32 {
  return norm > 0 ? LARGEST / norm : 0;
}

/**
 * The largest share of |x| |w| by which a product of packed rows may be wrong: both rows are off by at most 0.51 a
 * number, and float32 rounds while the true product is summed.
 */
function productSlack(width: i32): f32 {
  const share: f32 = (0.51 * sqrt<f32>(<f32>width)) / LARGEST;
  return 2 * share + share * share + (<f32>width + 64) * 1.2e-7;
}

/** Packs the encoder row of a feature, and what turns products with it into ranks. */
export function packFeature(p: Problem, feature: i32): void {
  const width = bytes(p.width);
  const at = bytes(feature);
  const row = p.encoder + <usize>feature * width;
  const norm = sqrt<f32>(dot(row, row, width));
  const lane = feature & (PANEL - 1);
  const panel = p.panels + <usize>(feature - lane) * (width >> 1) + bytes(lane);
  packRow(row, p.width, packingFactor(norm), panel, bytes(PANEL));
  let rankNorm: f32 = 1;
  if (p.rescale) {
    const direction = p.decoder + <usize>feature * width;
    rankNorm = max<f32>(sqrt<f32>(dot(direction, direction, width)), 1e-8);
  }
  const bias = load<f32>(p.encoderBias + at);
  const biasSlack = rankNorm * (abs<f32>(bias) * 1e-6);
  store<f32>(p.rankNorms + at, rankNorm);
  store<f32>(p.panelScales + at, (norm / LARGEST) * rankNorm);
  store<f32>(p.panelSlacks + at, rankNorm * (norm * productSlack(p.width) + 1e-18));
  store<f32>(p.panelBiases + at, rankNorm * bias + biasSlack);
  store<f32>(p.biasSlacks + at, biasSlack);
}
