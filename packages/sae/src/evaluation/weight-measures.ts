import type { Engine } from '@monosema/engine';
import { outputWidth } from '../config/sae-config.ts';
import { parameter, type Sae } from '../sae.ts';
import { mostSimilar } from './most-similar.ts';

/** What an SAE's weights say of each feature, all [d_sae]. */
export interface WeightMeasures {
  encoderNorm: Float64Array;
  /** b_enc; of a gated SAE b_mag. */
  encoderBias: Float64Array;
  /** Cosine of encoder column and decoder row; null of a transcoder, whose widths differ. */
  encoderDecoderCosine: Float64Array | null;
  /** Cosine with the most similar other feature; NaN where it was not measured. */
  maxEncoderCosine: Float64Array;
  maxDecoderCosine: Float64Array;
}

export interface WeightMeasureOptions {
  engine: Engine;
  sae: Sae;
  /** For how many features, taken evenly, the most similar one is looked for: among all, which is d_sae² d_in steps. */
  similarityFeatures: number;
  signal?: AbortSignal;
}

/** Measures of the weights alone. A row of zeros is similar to none: cosine 0. */
export async function weightMeasures(options: WeightMeasureOptions): Promise<WeightMeasures> {
  const { sae } = options;
  const { dSae, dIn } = sae.config;
  const encoder = transposed(parameter(sae, 'W_enc'), dIn, dSae);
  const encoderNorm = normalise(encoder, dSae);
  const decoder = parameter(sae, 'W_dec').slice();
  normalise(decoder, dSae);
  const features = evenly(dSae, options.similarityFeatures);
  const { engine, signal } = options;
  const common = { engine, features, ...(signal && { signal }) };
  return {
    encoderNorm,
    encoderBias: Float64Array.from(parameter(sae, sae.config.architecture === 'gated' ? 'b_mag' : 'b_enc')),
    encoderDecoderCosine:
      outputWidth(sae.config) === dIn && !('dOut' in sae.config) ? dots(encoder, decoder, dSae) : null,
    maxEncoderCosine: await mostSimilar({ ...common, rows: encoder, width: dIn }),
    maxDecoderCosine: await mostSimilar({ ...common, rows: decoder, width: outputWidth(sae.config) }),
  };
}

/** `count` of the numbers 0 to total - 1, taken evenly. */
function evenly(total: number, count: number): Int32Array {
  const taken = Math.min(total, Math.max(1, Math.floor(count)));
  return Int32Array.from({ length: taken }, (_, i) => Math.floor((i * total) / taken));
}

/** [rows, columns] -> [columns, rows] */
function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(matrix.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) out[column * rows + row] = matrix[row * columns + column]!;
  return out;
}

/** Gives the norm of each of `count` rows, and divides the rows by it in place. */
function normalise(matrix: Float32Array, count: number): Float64Array {
  const width = matrix.length / count;
  return Float64Array.from({ length: count }, (_, row) => {
    let squares = 0;
    for (let d = row * width; d < (row + 1) * width; d++) squares += matrix[d]! ** 2;
    const norm = Math.sqrt(squares);
    for (let d = row * width; d < (row + 1) * width; d++) matrix[d]! /= Math.max(norm, 1e-12);
    return norm;
  });
}

/** The product of each row of one with the same row of the other. */
function dots(a: Float32Array, b: Float32Array, count: number): Float64Array {
  const width = a.length / count;
  return Float64Array.from({ length: count }, (_, row) => {
    let dot = 0;
    for (let d = row * width; d < (row + 1) * width; d++) dot += a[d]! * b[d]!;
    return dot;
  });
}
