import type { SaeConfig } from './config.ts';

/** Parameters in SAELens orientation, y = x @ W, row-major. */
export interface SaeParameters {
  /** [d_in, d_sae] */
  W_enc: Float32Array;
  /** [d_sae] */
  b_enc: Float32Array;
  /** [d_sae, d_in] */
  W_dec: Float32Array;
  /** [d_in] */
  b_dec: Float32Array;
}

/** A sparse autoencoder: what it is and what it learned. */
export interface Sae {
  readonly config: SaeConfig;
  readonly parameters: SaeParameters;
}

export const parameterNames = ['W_enc', 'b_enc', 'W_dec', 'b_dec'] as const;
export type ParameterName = (typeof parameterNames)[number];

/** The shape of each parameter. */
export const parameterShapes = ({
  dIn,
  dSae,
}: Pick<SaeConfig, 'dIn' | 'dSae'>): Record<ParameterName, readonly number[]> => ({
  W_enc: [dIn, dSae],
  b_enc: [dSae],
  W_dec: [dSae, dIn],
  b_dec: [dIn],
});
