import type { SaeParameters } from '../sae.ts';

/**
 * The same SAE for inputs from which no mean [d_in] was subtracted: SAE(x - mean) + mean. The mean moves into b_dec, and,
 * where b_dec is not subtracted from the input, out of the encoder's biases.
 */
export function foldInputMean(
  parameters: SaeParameters,
  mean: Float32Array,
  { subtractDecoderBias }: { subtractDecoderBias: boolean },
): SaeParameters {
  const b_dec = parameters.b_dec.map((value, d) => value + mean[d]!);
  return subtractDecoderBias ? { ...parameters, b_dec } : { ...shiftInput(parameters, mean), b_dec };
}

/** The same encoder for inputs that `shift` [d_in] has not been subtracted from yet: biases less shift @ W_enc. */
export function shiftInput(parameters: SaeParameters, shift: Float32Array): SaeParameters {
  const { W_enc, b_enc, b_gate, b_mag, r_mag } = parameters;
  const dSae = W_enc.length / shift.length;
  const moved = new Float64Array(dSae);
  for (let d = 0; d < shift.length; d++)
    for (let latent = 0; latent < dSae; latent++) moved[latent]! += shift[d]! * W_enc[d * dSae + latent]!;
  return {
    ...parameters,
    ...(b_enc && { b_enc: b_enc.map((value, latent) => value - moved[latent]!) }),
    ...(b_gate && { b_gate: b_gate.map((value, latent) => value - moved[latent]!) }),
    ...(b_mag && { b_mag: b_mag.map((value, latent) => value - moved[latent]! * Math.exp(r_mag?.[latent] ?? 0)) }),
  };
}
