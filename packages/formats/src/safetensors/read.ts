import type { ByteSource } from '../byte-source.ts';
import { FormatError } from '../format-error.ts';
import type { NamedArray, NamedArrays } from '../named-array.ts';
import { decodeNumbers, isNumberType, numberBytes } from '../number-type.ts';
import type { TensorFile } from '../tensor-file.ts';
import { headerEnd, parseHeader, type SafetensorsHeader, type TensorEntry } from './header.ts';

/** A safetensors file whose header was read and checked. */
export interface SafetensorsFile extends TensorFile, SafetensorsHeader {
  readonly tensors: SafetensorsHeader['tensors'];
  /**
   * Rows `from` up to, not including, `to` of a tensor, along its first axis.
   * @throws as `read`; FormatError when it has no such rows
   */
  readRows(name: string, from: number, to: number): Promise<NamedArray>;
}

/**
 * Reads every tensor of a safetensors file: F16, BF16, F32 and F64 become float32, whole numbers and booleans int32;
 * another dtype is refused. The rules of the format are checked before a number is read: a header of at most 100 MB that
 * is a JSON object without duplicate names, offsets within the file that match shape and dtype, and tensors that cover the
 * data without overlap or hole. Format: https://github.com/huggingface/safetensors#format
 *
 * @throws FormatError naming the tensor and the rule
 * @example const { 'model.norm.weight': gain } = readSafetensors(await readFile('model.safetensors'))
 */
export function readSafetensors(bytes: Uint8Array): NamedArrays {
  const { tensors, dataStart } = readSafetensorsHeader(bytes);
  // fromEntries defines own properties, so that a tensor called __proto__ is only a tensor.
  return Object.fromEntries(
    Array.from(tensors, ([name, entry]) => {
      const numbers = bytes.subarray(dataStart + entry.begin, dataStart + entry.end);
      return [name, decodeTensor(name, entry, new Uint8Array(numbers))];
    }),
  );
}

/**
 * The names, dtypes and shapes of a file and its metadata, checked as by `readSafetensors`, with no number read.
 *
 * @example readSafetensorsHeader(bytes).metadata.format // "pt"
 */
export function readSafetensorsHeader(bytes: Uint8Array): SafetensorsHeader {
  return parseHeader(bytes.subarray(8, headerEnd(bytes.subarray(0, 8), bytes.byteLength)), bytes.byteLength);
}

/**
 * Opens a safetensors file to read its tensors one at a time: only the header is read, and checked as by
 * `readSafetensors`. The source must stay open as long as tensors are read.
 *
 * @throws FormatError naming the tensor and the rule
 * @example
 * const file = await openSafetensors(await openFileSource('model.safetensors'));
 * const { data, shape } = await file.read('model.norm.weight');
 */
export async function openSafetensors(source: ByteSource): Promise<SafetensorsFile> {
  const end = headerEnd(await source.read(0, Math.min(8, source.size)), source.size);
  const header = parseHeader(await source.read(8, end), source.size);
  const entryOf = (name: string): TensorEntry => {
    const entry = header.tensors.get(name);
    if (!entry) throw new FormatError(`safetensors: the file has no tensor "${name}"`);
    return entry;
  };
  return {
    ...header,
    async read(name) {
      const entry = entryOf(name);
      return decodeTensor(name, entry, await source.read(end + entry.begin, end + entry.end));
    },
    async readRows(name, from, to) {
      const entry = entryOf(name);
      const [rows = 0, ...rest] = entry.shape;
      if (!(from >= 0 && from <= to && to <= rows))
        throw new FormatError(`safetensors: tensor "${name}" has ${rows} rows, but ${from} to ${to} were asked for`);
      const rowBytes = rows === 0 ? 0 : (entry.end - entry.begin) / rows;
      const begin = end + entry.begin + from * rowBytes;
      const bytes = await source.read(begin, begin + (to - from) * rowBytes);
      return decodeTensor(name, { ...entry, shape: [to - from, ...rest] }, bytes);
    },
  };
}

function decodeTensor(name: string, { dtype, shape }: TensorEntry, bytes: Uint8Array): NamedArray {
  if (!isNumberType(dtype))
    throw new FormatError(
      `safetensors: tensor "${name}" has dtype ${dtype}; read are ${Object.keys(numberBytes).join(', ')}`,
    );
  try {
    return { data: decodeNumbers(bytes, dtype), shape };
  } catch (error) {
    throw new FormatError(`safetensors: tensor "${name}": ${(error as Error).message}`, { cause: error });
  }
}
