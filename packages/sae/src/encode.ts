import * as op from '@monosema/engine';
import type { Engine, Executable } from '@monosema/engine';
import { architectureOf } from './architectures/index.ts';
import { normaliseInput } from './architectures/normalise-input.ts';
import { inputsOf, parameterArrays, parameterInputs } from './parameter-inputs.ts';
import type { Sae } from './sae.ts';
import { concatRows, sparseFromDense, sparseFromPairs, type SparseRows } from './sparse-rows.ts';

/** Dense pre-activations of at most this many numbers are held at once. */
const CHUNK = 1 << 23;

/** An SAE's encoder, compiled. */
export interface Encoder {
  /** The sparse codes of x [rows, d_in] row-major; any number of rows. */
  encode(x: Float32Array): Promise<SparseRows>;
  dispose(): Promise<void>;
}

/**
 * Compiles the encoder of an SAE of any architecture. Its codes are sparse: only active features, ascending within a
 * row. x is the hook point's value as it stands; the SAE's own normalisation is part of the encoder. A value of several
 * heads ([heads, head_width] per token) is the same numbers in the same order.
 *
 * @throws RangeError (from encode) when x is no whole number of rows
 * @example
 * const encoder = await compileEncode(engine, sae);
 * const { offsets, indices, values } = await encoder.encode(x); // x [rows * d_in]
 */
export async function compileEncode(engine: Engine, sae: Sae): Promise<Encoder> {
  const { config } = sae;
  const executable = await engine.compile(encodeProgram(sae), { weights: parameterArrays(sae) });
  const rowsPerChunk = Math.max(1, Math.floor(CHUNK / config.dSae));
  return {
    async encode(x) {
      const rows = x.length / config.dIn;
      if (!Number.isInteger(rows)) throw new RangeError(`x has ${x.length} values, but d_in is ${config.dIn}`);
      const parts: SparseRows[] = [];
      for (let start = 0; start < rows; start += rowsPerChunk) {
        const count = Math.min(rowsPerChunk, rows - start);
        parts.push(
          await encodeChunk(executable, sae, x.subarray(start * config.dIn, (start + count) * config.dIn), count),
        );
      }
      return concatRows(parts);
    },
    dispose: () => executable.dispose(),
  };
}

/** x [batch, d_in] -> `values` and `indices` where k bounds the codes, else `codes` [batch, d_sae]. */
export function encodeProgram({ config }: Sae): op.Program {
  const x = op.input('x', [op.batch, config.dIn]);
  const parameters = parameterInputs(config);
  const architecture = architectureOf(config);
  const normalised = normaliseInput(config, x).x;
  const pairs = architecture.pairs?.(config, parameters, normalised);
  const outputs: op.TracedRecord = pairs
    ? { ...pairs }
    : { codes: architecture.encode(config, parameters, normalised) };
  return { inputs: { x, ...inputsOf(parameters) }, outputs };
}

async function encodeChunk(
  executable: Executable,
  { config }: Sae,
  x: Float32Array,
  rows: number,
): Promise<SparseRows> {
  const { codes, indices, values } = await executable.run({ x: { data: x, shape: [rows, config.dIn] } });
  if (codes) return sparseFromDense(codes.data, rows, config.dSae);
  if (!(indices?.data instanceof Int32Array) || !(values?.data instanceof Float32Array))
    throw new Error('the encoder gave no pairs');
  return sparseFromPairs(indices.data, values.data, rows, indices.data.length / rows);
}
