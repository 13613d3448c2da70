import type { NamedArray } from '../named-array.ts';
import { decodeNumbers, float16Table, numberBytes, type NumberType } from '../number-type.ts';
import type { BlockType, Packed } from './block-type.ts';
import { q2_k, q3_k, q4_k, q5_k, q6_k, q8_k } from './k-blocks.ts';
import { q4_0, q4_1, q5_0, q5_1, q8_0 } from './legacy-blocks.ts';

/** Types by their number in the file (`ggml_type`). */
export const tensorTypes: ReadonlyMap<number, NumberType | BlockType> = new Map<number, NumberType | BlockType>([
  [0, 'F32'],
  [1, 'F16'],
  [2, q4_0],
  [3, q4_1],
  [6, q5_0],
  [7, q5_1],
  [8, q8_0],
  [10, q2_k],
  [11, q3_k],
  [12, q4_k],
  [13, q5_k],
  [14, q6_k],
  [15, q8_k],
  [24, 'I8'],
  [25, 'I16'],
  [26, 'I32'],
  [27, 'I64'],
  [28, 'F64'],
  [30, 'BF16'],
]);

/** Names of types that are not read, for the message that refuses them. */
export const otherTypes: Readonly<Record<number, string>> = {
  9: 'Q8_1',
  16: 'IQ2_XXS',
  17: 'IQ2_XS',
  18: 'IQ3_XXS',
  19: 'IQ1_S',
  20: 'IQ4_NL',
  21: 'IQ3_S',
  22: 'IQ2_S',
  23: 'IQ4_XS',
  29: 'IQ1_M',
  34: 'TQ1_0',
  35: 'TQ2_0',
  39: 'MXFP4',
};

export const typeName = (type: NumberType | BlockType): string => (typeof type === 'string' ? type : type.name);

/** Numbers of a block, and its bytes. */
export const blockOf = (type: NumberType | BlockType): Pick<BlockType, 'numbers' | 'bytes'> =>
  typeof type === 'string' ? { numbers: 1, bytes: numberBytes[type] } : type;

/** The numbers of a tensor. Packed ones come out as ggml computes them, to the last bit. */
export function unpackNumbers(bytes: Uint8Array, type: NumberType | BlockType): NamedArray['data'] {
  if (typeof type === 'string') return decodeNumbers(bytes, type);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const halves = float16Table();
  const packed: Packed = {
    bytes,
    signed: new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    view,
    half: (at) => halves[view.getUint16(at, true)]!,
  };
  const blocks = bytes.byteLength / type.bytes;
  const numbers = new Float32Array(blocks * type.numbers);
  for (let block = 0; block < blocks; block++) type.unpack(packed, block * type.bytes, numbers, block * type.numbers);
  return numbers;
}
