import type { LossRules } from '../config/loss-rules.ts';
import { outputWidth, type SaeConfig } from '../config/sae-config.ts';
import type { StartRules } from '../config/start-rules.ts';
import { mapParameters, type SaeParameters } from '../sae.ts';
import { keyedRandom, normal, type Random } from './random.ts';

export interface StartOptions {
  config: SaeConfig;
  start: StartRules;
  loss: LossRules;
  seed: number;
  /** [d_out] what b_dec starts at. */
  decoderBias: Float32Array;
}

/**
 * Random decoder rows, W_enc = W_decᵀ, other biases 0, thresholds at their start, W_skip 0. An autoencoder that starts as
 * its own transpose has every latent alive. A transcoder's encoder has rows of its own, of the same kind.
 */
export function initialParameters({ config, start, loss, seed, decoderBias }: StartOptions): SaeParameters {
  const { dIn, dSae } = config;
  const random = keyedRandom(seed, 'parameters');
  const W_dec = randomRows(random, dSae, outputWidth(config), start.decoderNorm);
  const encoderRows = 'dOut' in config ? randomRows(random, dSae, dIn, start.decoderNorm) : W_dec;
  return mapParameters(config, (name, shape) => {
    switch (name) {
      case 'W_dec':
        return W_dec;
      case 'W_enc':
        return transposed(encoderRows, dSae, dIn);
      case 'b_dec':
        return decoderBias.slice();
      case 'threshold':
        return new Float32Array(dSae).fill(loss.jumpThreshold);
      default:
        return new Float32Array(shape.reduce((a, b) => a * b, 1));
    }
  });
}

/** [rows, width] of random directions and the given norm, or uniform in ± sqrt(6 / width). */
function randomRows(random: Random, rows: number, width: number, norm: number | null): Float32Array {
  const out = new Float32Array(rows * width);
  const bound = Math.sqrt(6 / width);
  for (let row = 0; row < rows; row++) {
    const values = Array.from({ length: width }, () =>
      norm === null ? (2 * (random() / 2 ** 32) - 1) * bound : normal(random),
    );
    const scale = norm === null ? 1 : norm / Math.hypot(...values);
    values.forEach((value, d) => (out[row * width + d] = value * scale));
  }
  return out;
}

function transposed(x: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(x.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) out[column * rows + row] = x[row * columns + column]!;
  return out;
}
