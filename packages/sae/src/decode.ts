import { outputWidth, type SaeConfig } from './config/sae-config.ts';
import { parameter, type Sae } from './sae.ts';
import { restoreRow } from './restore-row.ts';
import type { SparseRows } from './sparse-rows.ts';

/**
 * The reconstructions of sparse codes: codes @ W_dec + b_dec, [rows, d_in] row-major, of a transcoder [rows, d_out].
 * Pure: nothing is remembered from an encode. So an SAE that undoes a normalisation of its input, or skips, needs that
 * input again, x [rows, d_in].
 *
 * @throws RangeError when a code names a feature that the SAE lacks, or when x is needed and missing
 * @example const xHat = decode(sae, await encoder.encode(x))
 */
export function decode(sae: Sae, codes: SparseRows, x?: Float32Array): Float32Array {
  const { config, parameters } = sae;
  const { dSae, dIn } = config;
  checkInput(config, codes, x);
  const width = outputWidth(config);
  const rowScale = decoderScale(sae);
  const out = new Float32Array(codes.rows * width);
  for (let row = 0; row < codes.rows; row++) {
    const target = out.subarray(row * width, (row + 1) * width);
    target.set(parameters.b_dec);
    for (let pair = codes.offsets[row]!; pair < codes.offsets[row + 1]!; pair++) {
      const feature = codes.indices[pair]!;
      if (feature < 0 || feature >= dSae) throw new RangeError(`feature ${feature} is outside 0 to ${dSae - 1}`);
      const value = codes.values[pair]! * (rowScale?.[feature] ?? 1);
      const from = feature * width;
      for (let d = 0; d < width; d++) target[d]! += value * parameters.W_dec[from + d]!;
    }
    if (x) restoreRow(sae, x.subarray(row * dIn, (row + 1) * dIn), target);
  }
  return out;
}

/** Whether decoding needs the input that was encoded. */
export const needsInput = (config: SaeConfig): boolean =>
  'dOut' in config
    ? config.architecture === 'skip_transcoder' || config.architecture === 'jumprelu_skip_transcoder'
    : config.centred || config.normalisation === 'layer_norm' || config.normalisation === 'constant_norm_rescale';

function checkInput(config: SaeConfig, codes: SparseRows, x?: Float32Array): void {
  if (!x && needsInput(config)) {
    const why = 'dOut' in config ? config.architecture : config.centred ? 'centred' : config.normalisation;
    throw new RangeError(`a ${why} SAE decodes with its input: x [${codes.rows}, ${config.dIn}] is missing`);
  }
  if (x && x.length !== codes.rows * config.dIn)
    throw new RangeError(`x has ${x.length} values, but ${codes.rows} rows of d_in ${config.dIn} were encoded`);
}

/** 1 / |W_dec[i]| where codes are in units of the decoder norms. */
function decoderScale(sae: Sae): Float64Array | undefined {
  const { config } = sae;
  if (!('rescaleByDecoderNorm' in config) || !config.rescaleByDecoderNorm) return undefined;
  return decoderRowNorms(sae).map((norm) => 1 / norm);
}

/** The norm of each decoder row, [d_sae]; at least 1e-8, so that dividing a dead row of zeros by it is harmless. */
export function decoderRowNorms(sae: Sae): Float64Array {
  const width = outputWidth(sae.config);
  const W_dec = parameter(sae, 'W_dec');
  return Float64Array.from({ length: sae.config.dSae }, (_, feature) => {
    let squares = 0;
    for (let d = 0; d < width; d++) squares += W_dec[feature * width + d]! ** 2;
    return Math.max(1e-8, Math.sqrt(squares));
  });
}
