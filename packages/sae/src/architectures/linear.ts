import * as op from '@monosema/engine';
import type { Traced } from '@monosema/engine';
import { outputWidth, type SaeConfig } from '../config/sae-config.ts';
import type { ParameterShapes } from '../sae.ts';
import type { TracedParameters, TracedWith } from './architecture.ts';

/** Shapes of the parameters that all architectures with one encoder bias have. */
export const linearShapes = (config: SaeConfig): ParameterShapes => ({
  W_enc: [config.dIn, config.dSae],
  b_enc: [config.dSae],
  W_dec: [config.dSae, outputWidth(config)],
  b_dec: [outputWidth(config)],
});

/** What the encoder multiplies: x - b_dec, or x itself. */
export const encoderInput = ({ subtractDecoderBias }: SaeConfig, { b_dec }: TracedParameters, x: Traced): Traced =>
  subtractDecoderBias ? op.sub(x, b_dec) : x;

/** Pre-activations z = (x - b_dec) W_enc + b_enc: x [rows, d_in] -> [rows, d_sae]. */
export const preActivations = (config: SaeConfig, p: TracedWith<'b_enc'>, x: Traced): Traced =>
  op.add(op.matmul(encoderInput(config, p, x), p.W_enc), p.b_enc);

/** codes [rows, d_sae] -> codes W_dec + b_dec, [rows, d_in] */
export const decodeLinear = (p: TracedParameters, codes: Traced): Traced => op.add(op.matmul(codes, p.W_dec), p.b_dec);

/**
 * The norm of every decoder row, [d_sae]; at least 1e-8, so that neither a dead row of zeros nor its gradient is NaN
 * (SAELens #588).
 */
export const decoderNorms = ({ W_dec }: TracedParameters): Traced =>
  op.sqrt(op.maximum(op.sum(op.square(W_dec), [1]), 1e-16));
