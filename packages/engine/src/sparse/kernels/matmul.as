import { PANEL, Problem, SAMPLES_PER_BLOCK } from './problem';
import { bytes } from './rows';

/**
 * out[4, 8] = rows[4, width] x panel[width, 8] + bias[8].
 * Eight accumulators, two vectors of the panel and one of the row stay in the sixteen SIMD registers.
 */
function multiplyTile(rows: usize, panel: usize, bias: usize, width: usize, out: usize, outStride: usize): void {
  const row1 = rows + width;
  const row2 = row1 + width;
  const row3 = row2 + width;
  let left0 = v128.load(bias);
  let right0 = v128.load(bias, 16);
  let left1 = left0;
  let right1 = right0;
  let left2 = left0;
  let right2 = right0;
  let left3 = left0;
  let right3 = right0;
  for (let at: usize = 0; at < width; at += 4) {
    const left = v128.load(panel);
    const right = v128.load(panel, 16);
    panel += 32;
    const x0 = v128.load32_splat(rows + at);
    left0 = f32x4.add(left0, f32x4.mul(x0, left));
    right0 = f32x4.add(right0, f32x4.mul(x0, right));
    const x1 = v128.load32_splat(row1 + at);
    left1 = f32x4.add(left1, f32x4.mul(x1, left));
    right1 = f32x4.add(right1, f32x4.mul(x1, right));
    const x2 = v128.load32_splat(row2 + at);
    left2 = f32x4.add(left2, f32x4.mul(x2, left));
    right2 = f32x4.add(right2, f32x4.mul(x2, right));
    const x3 = v128.load32_splat(row3 + at);
    left3 = f32x4.add(left3, f32x4.mul(x3, left));
    right3 = f32x4.add(right3, f32x4.mul(x3, right));
  }
  storePair(out, left0, right0);
  storePair(out + outStride, left1, right1);
  storePair(out + 2 * outStride, left2, right2);
  storePair(out + 3 * outStride, left3, right3);
}

// @ts-ignore: decorator
@inline
function storePair(out: usize, left: v128, right: v128): void {
  v128.store(out, left);
  v128.store(out, right, 16);
}

/**
 * Pre-activations of one block of samples: out[16, preStride] = centred[16, width] x W_enc + b_enc.
 * A panel serves all rows of the block while it is in the cache.
 */
export function encodeBlock(p: Problem, firstSample: i32, out: usize): void {
  const width = bytes(p.width);
  const outStride = bytes(p.preStride);
  const rows = p.centred + <usize>firstSample * width;
  for (let feature = 0; feature < p.features; feature += PANEL) {
    const panel = p.panels + <usize>feature * width;
    const bias = p.encoderBias + bytes(feature);
    for (let row = 0; row < SAMPLES_PER_BLOCK; row += 4) {
      const from = rows + <usize>row * width;
      multiplyTile(from, panel, bias, width, out + <usize>row * outStride + bytes(feature), outStride);
    }
  }
}

/** Copies encoder rows [first, last) into their panels; `first` is a multiple of 8. */
export function packPanels(p: Problem, first: i32, last: i32): void {
  const width = bytes(p.width);
  for (let feature = first; feature < last; feature++) {
    const row = p.encoder + <usize>feature * width;
    const lane = feature & (PANEL - 1);
    const panel = p.panels + <usize>(feature - lane) * width + bytes(lane);
    for (let at: usize = 0; at < width; at += 4) store<f32>(panel + at * PANEL, load<f32>(row + at));
  }
}
