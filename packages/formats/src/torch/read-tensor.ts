import type { NamedArray } from '../named-array.ts';
import { elementCount } from '../named-array.ts';
import { decodeNumbers, numberBytes } from '../number-type.ts';
import { gather, isContiguous } from '../strided.ts';
import { torchDtypes } from './dtype.ts';
import type { TorchTensor } from './value.ts';

/**
 * The numbers of a tensor in row-major order, whatever its strides.
 *
 * @param read bytes `begin` to `end` of its storage; only the part in which the tensor lies is read
 */
export async function readTensor(
  tensor: TorchTensor,
  read: (begin: number, end: number) => Promise<Uint8Array>,
): Promise<NamedArray> {
  const { shape, strides, offset } = tensor;
  const type = torchDtypes[tensor.dtype];
  const size = numberBytes[type];
  const count = elementCount(shape);
  const span = count === 0 ? 0 : shape.reduce((at, length, i) => at + (length - 1) * strides[i]!, 1);
  const bytes = span === 0 ? new Uint8Array(0) : await read(offset * size, (offset + span) * size);
  const stored = decodeNumbers(bytes, type);
  return { data: isContiguous(shape, strides) ? stored : gather(stored, shape, strides, count), shape };
}
