import type { Sae } from '@monosema/sae';
import { unitRows } from './directions/unit-rows.ts';

/**
 * What steering adds at the hook point: the sum of strength × unit decoder row, [d_in].
 *
 * @throws RangeError when the SAE has no such feature
 * @example steeringVector(sae, [{ feature: 7, strength: 4 }])
 */
export function steeringVector(sae: Sae, terms: readonly { feature: number; strength: number }[]): Float32Array {
  const { dIn } = sae.config;
  const vector = new Float32Array(dIn);
  for (const { feature, strength } of terms) {
    const direction = unitRows(decoderRow(sae, feature), dIn);
    for (let i = 0; i < dIn; i++) vector[i]! += strength * direction[i]!;
  }
  return vector;
}

/** A feature's row of W_dec, [d_in]. */
export function decoderRow({ config: { dIn, dSae }, parameters }: Sae, feature: number): Float32Array {
  if (feature >= dSae) throw new RangeError(`there is no feature ${feature}: the SAE has 0 to ${dSae - 1}`);
  return parameters.W_dec.subarray(feature * dIn, (feature + 1) * dIn);
}
