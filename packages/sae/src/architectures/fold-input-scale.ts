import type { Sae } from '../sae.ts';

/**
 * An SAE trained on inputs times `scale`, made one of plain inputs: W_enc times scale, W_dec and b_dec (which is
 * subtracted from inputs, and added to outputs, #354) divided by it. Biases and thresholds stay; codes too, unless they
 * are in units of the decoder norms, which the scale divides: there the threshold moves along (#763).
 *
 * @throws RangeError for a scale that is not positive, and for transcoders, whose outputs have a scale of their own
 * @example foldInputScale(sae, Math.sqrt(dIn) / meanNorm)
 */
export function foldInputScale({ config, parameters }: Sae, scale: number): Sae {
  if (!(scale > 0 && Number.isFinite(scale))) throw new RangeError(`scale is ${scale}, but must be positive`);
  if ('dOut' in config) throw new RangeError(`a ${config.architecture} has no input scale to fold`);
  const divided = (values: Float32Array): Float32Array => values.map((value) => value / scale);
  const inNormUnits = 'rescaleByDecoderNorm' in config && config.rescaleByDecoderNorm;
  const { topk_threshold } = parameters;
  return {
    config: {
      ...config,
      normalisation: config.normalisation === 'expected_average_only_in' ? 'none' : config.normalisation,
    },
    parameters: {
      ...parameters,
      W_enc: parameters.W_enc.map((value) => value * scale),
      W_dec: divided(parameters.W_dec),
      b_dec: divided(parameters.b_dec),
      ...(topk_threshold ? { topk_threshold: inNormUnits ? divided(topk_threshold) : topk_threshold } : {}),
    },
  };
}
