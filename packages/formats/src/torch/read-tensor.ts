import type { NamedArray } from '../named-array.ts';
import { elementCount } from '../named-array.ts';
import { decodeNumbers, numberBytes } from '../number-type.ts';
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

/** Whether neighbours in row-major order are neighbours in memory. */
function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && strides[i] !== step) return false;
    step *= shape[i]!;
  }
  return true;
}

function gather<T extends NamedArray['data']>(
  stored: T,
  shape: readonly number[],
  strides: readonly number[],
  count: number,
): T {
  const gathered = new (stored.constructor as new (length: number) => T)(count);
  const rank = shape.length;
  const index = new Array<number>(rank).fill(0);
  let from = 0;
  for (let to = 0; to < count; to++) {
    gathered[to] = stored[from]!;
    for (let axis = rank - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return gathered;
}
