import type { Sae } from './sae.ts';
import type { SparseRows } from './sparse-rows.ts';

/**
 * The reconstructions of sparse codes: codes @ W_dec + b_dec, [rows, d_in] row-major.
 *
 * @throws RangeError when a code names a feature that the SAE lacks
 * @example const xHat = decode(sae, await encoder.encode(x))
 */
export function decode(sae: Sae, codes: SparseRows): Float32Array {
  const { dIn, dSae } = sae.config;
  const { W_dec, b_dec } = sae.parameters;
  const out = new Float32Array(codes.rows * dIn);
  for (let row = 0; row < codes.rows; row++) {
    const target = out.subarray(row * dIn, (row + 1) * dIn);
    target.set(b_dec);
    for (let pair = codes.offsets[row]!; pair < codes.offsets[row + 1]!; pair++) {
      const feature = codes.indices[pair]!;
      if (feature < 0 || feature >= dSae) throw new RangeError(`feature ${feature} is outside 0 to ${dSae - 1}`);
      const value = codes.values[pair]!;
      const from = feature * dIn;
      for (let d = 0; d < dIn; d++) target[d]! += value * W_dec[from + d]!;
    }
  }
  return out;
}
