import type { ByteSource } from '../byte-source.ts';
import { FormatError } from '../format-error.ts';
import { decodeNumbers } from '../number-type.ts';
import { gather } from '../strided.ts';
import type { TensorFile } from '../tensor-file.ts';
import { openZip } from '../zip/read.ts';
import { npyLimits, parseNpyHeader, type NpyHeader } from './npy-header.ts';

/**
 * Opens an archive of `numpy.savez` or `savez_compressed`, as Gemma Scope's params.npz. Arrays are named without ".npy";
 * those of objects, text or other machines are refused.
 *
 * Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 *
 * @throws FormatError naming the array and the rule
 * @example
 * const file = await openNpz(await openFileSource('params.npz'));
 * const { data, shape } = await file.read('W_enc'); // Float32Array, [d_in, d_sae]
 */
export async function openNpz(source: ByteSource): Promise<TensorFile> {
  const zip = await openZip(source);
  const headers = new Map<string, NpyHeader>();
  for (const [entry, { size }] of zip.entries) {
    if (!entry.endsWith('.npy')) throw new FormatError(`npz: entry "${entry}" is no .npy file`);
    const name = entry.slice(0, -'.npy'.length);
    const start = await zip.read(entry, 0, Math.min(size, npyLimits.headerBytes + 12));
    headers.set(name, parseNpyHeader(name, start, size));
  }
  return {
    tensors: new Map(Array.from(headers, ([name, { type, shape }]) => [name, { dtype: type, shape }])),
    async read(name) {
      const header = headers.get(name);
      if (!header) throw new FormatError(`npz: the file has no array "${name}"`);
      const { type, shape, columnMajor, dataStart } = header;
      try {
        const data = decodeNumbers((await zip.read(`${name}.npy`)).subarray(dataStart), type);
        return { data: columnMajor ? gather(data, shape, columnMajorStrides(shape), data.length) : data, shape };
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        throw new FormatError(`npz: array "${name}": ${error.message}`, { cause: error });
      }
    },
  };
}

const columnMajorStrides = (shape: readonly number[]): number[] =>
  shape.map((_, axis) => shape.slice(0, axis).reduce((product, size) => product * size, 1));
