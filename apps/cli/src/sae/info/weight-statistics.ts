import { decoderRowNorms, type Sae } from '@monosema/sae';

interface Range {
  minimum: number;
  mean: number;
  maximum: number;
}

/** Numbers by which a wrong layout or a broken file shows. */
export interface WeightStatistics {
  /** How many numbers were learned. */
  parameters: number;
  decoderNorms: Range;
  decoderBiasNorm: number;
  /** Of JumpReLU SAEs. */
  thresholds: Range | null;
}

export function weightStatistics(sae: Sae): WeightStatistics {
  const { b_dec, threshold } = sae.parameters;
  return {
    parameters: Object.values(sae.parameters).reduce((sum: number, array: Float32Array) => sum + array.length, 0),
    decoderNorms: rangeOf(decoderRowNorms(sae)),
    decoderBiasNorm: Math.sqrt(b_dec.reduce((sum, value) => sum + value * value, 0)),
    thresholds: threshold ? rangeOf(threshold) : null,
  };
}

function rangeOf(values: Float32Array | Float64Array): Range {
  let [minimum, maximum, sum] = [Infinity, -Infinity, 0];
  for (const value of values) {
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
    sum += value;
  }
  return { minimum, mean: sum / values.length, maximum };
}
