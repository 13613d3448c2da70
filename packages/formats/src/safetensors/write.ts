import { FormatError } from '../format-error.ts';
import { elementCount, type NamedArray, type NamedArrays } from '../named-array.ts';
import { layoutOf, type WrittenTensor, type WrittenType } from './layout.ts';
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
  // fromEntries defines own properties, so that a tensor called __proto__ is only a tensor.
  const tensors: Record<string, WrittenTensor> = Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => {
      checkArray(name, array);
      return [name, { dtype: dtypeOf(array, dtypes[name]), shape: array.shape }];
    }),
  );
  const { head, offsets, fileBytes } = layoutOf(tensors, metadata);
  const file = new Uint8Array(fileBytes);
  file.set(head);
  for (const [name, offset] of offsets) file.set(bytesOf(arrays[name]!.data, tensors[name]!.dtype), offset);
  return file;
}

/** Numbers as they stand in a file. */
export function bytesOf(data: NamedArray['data'], dtype: WrittenType): Uint8Array {
  const { buffer, byteOffset, byteLength } = dtype === 'F16' || dtype === 'BF16' ? toHalves(data, dtype) : data;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

const dtypeOf = ({ data }: NamedArray, half: HalfType | undefined): WrittenType =>
  data instanceof Int32Array ? 'I32' : (half ?? 'F32');

function checkArray(name: string, { data, shape }: NamedArray): void {
  if (elementCount(shape) !== data.length)
    throw new FormatError(`safetensors: tensor "${name}" has shape [${shape.join(', ')}] but ${data.length} numbers`);
}
