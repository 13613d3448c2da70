import type { NamedArrays } from '../named-array.ts';
import { decode } from './dtype.ts';
import { parseHeader, type SafetensorsHeader } from './header.ts';

/**
 * Reads every tensor of a safetensors file: F32, F16 and BF16 become float32, I32 stays int32; another dtype is refused.
 * The rules of the format are checked before a number is read: a header of at most 100 MB that is a JSON object without
 * duplicate names, offsets within the file that match shape and dtype, and tensors that cover the data without overlap
 * or hole. Format: https://github.com/huggingface/safetensors#format
 *
 * @throws FormatError naming the tensor and the rule
 * @example const { 'model.norm.weight': gain } = readSafetensors(await readFile('model.safetensors'))
 */
export function readSafetensors(bytes: Uint8Array): NamedArrays {
  const { tensors, dataStart } = parseHeader(bytes);
  // fromEntries defines own properties, so that a tensor called __proto__ is only a tensor.
  return Object.fromEntries(
    Array.from(tensors, ([name, { dtype, shape, begin, end }]) => [
      name,
      { data: decode(bytes.subarray(dataStart + begin, dataStart + end), dtype), shape },
    ]),
  );
}

/**
 * The names, dtypes and shapes of a file and its metadata, checked as by `readSafetensors`, with no number read.
 *
 * @example readSafetensorsHeader(bytes).metadata.format // "pt"
 */
export function readSafetensorsHeader(bytes: Uint8Array): SafetensorsHeader {
  return parseHeader(bytes);
}
