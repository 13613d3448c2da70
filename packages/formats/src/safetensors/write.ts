import { FormatError } from '../format-error.ts';
import { elementCount, type NamedArray, type NamedArrays } from '../named-array.ts';
import { numberBytes } from '../number-type.ts';
import { toHalves, type HalfType } from './to-halves.ts';

export interface SafetensorsWriteOptions {
  /** Tensors that are written in half precision, rounded to nearest; the others as they are. */
  dtypes?: Readonly<Record<string, HalfType>>;
}

/**
 * Writes a safetensors file. The same arrays give the same bytes on every machine, those that the Python library writes:
 * F32, I32, BF16, F16, then by name, and a header padded with spaces so that the data begin at a multiple of 8.
 *
 * @param metadata free text by key, written in the order of the keys
 * @throws FormatError when an array's shape and data disagree
 * @example await writeFile('w.safetensors', writeSafetensors({ b: { data: new Float32Array(2), shape: [2] } }))
 */
export function writeSafetensors(
  arrays: NamedArrays,
  metadata: Readonly<Record<string, string>> = {},
  { dtypes = {} }: SafetensorsWriteOptions = {},
): Uint8Array {
  const entries = Object.entries(arrays)
    .map(([name, array]) => ({ name, array, dtype: dtypeOf(array, dtypes[name]) }))
    .sort((a, b) => order.indexOf(a.dtype) - order.indexOf(b.dtype) || (a.name < b.name ? -1 : 1));
  const header: [string, unknown][] = [];
  const keys = Object.keys(metadata).sort();
  if (keys.length > 0) header.push(['__metadata__', Object.fromEntries(keys.map((key) => [key, metadata[key]]))]);
  let dataBytes = 0;
  for (const { name, array, dtype } of entries) {
    checkArray(name, array);
    const end = dataBytes + array.data.length * numberBytes[dtype];
    header.push([name, { dtype, shape: array.shape, data_offsets: [dataBytes, end] }]);
    dataBytes = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + dataBytes).fill(0x20, 8, 8 + headerBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(json, 8);
  let at = 8 + headerBytes;
  for (const { array, dtype } of entries) {
    const data = dtype === 'F16' || dtype === 'BF16' ? toHalves(array.data, dtype) : array.data;
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

const order = ['F32', 'I32', 'BF16', 'F16'] as const;
type WrittenType = (typeof order)[number];

const dtypeOf = ({ data }: NamedArray, half: HalfType | undefined): WrittenType =>
  data instanceof Int32Array ? 'I32' : (half ?? 'F32');

function checkArray(name: string, { data, shape }: NamedArray): void {
  if (name === '__metadata__') throw new FormatError('safetensors: no tensor can be called __metadata__');
  if (elementCount(shape) !== data.length)
    throw new FormatError(`safetensors: tensor "${name}" has shape [${shape.join(', ')}] but ${data.length} numbers`);
}
