import type { SaeParameters } from '../sae.ts';
import { keyedRandom, normal } from './random.ts';

/**
 * Random unit decoder rows, W_enc = W_decᵀ, b_enc = 0, b_dec = the mean activation: features are then as alive as can
 * be at the start (sae-spec 2.6; a b_dec of zero lets the mean decide which latents fire).
 */
export function initialParameters(
  dIn: number,
  dSae: number,
  seed: number,
  meanActivation: Float32Array,
): SaeParameters {
  const random = keyedRandom(seed, 'parameters');
  const W_dec = new Float32Array(dSae * dIn);
  const W_enc = new Float32Array(dIn * dSae);
  for (let feature = 0; feature < dSae; feature++) {
    const row = Array.from({ length: dIn }, () => normal(random));
    const norm = Math.hypot(...row);
    row.forEach((value, d) => {
      W_dec[feature * dIn + d] = value / norm;
      W_enc[d * dSae + feature] = value / norm;
    });
  }
  return { W_enc, b_enc: new Float32Array(dSae), W_dec, b_dec: meanActivation.slice() };
}
