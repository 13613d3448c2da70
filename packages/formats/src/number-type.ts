import { FormatError } from './format-error.ts';
import type { NamedArray } from './named-array.ts';

/** Bytes per number of the types that are read, by safetensors' names for them. */
export const numberBytes = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
} as const;
export type NumberType = keyof typeof numberBytes;

export const isNumberType = (name: string): name is NumberType => Object.hasOwn(numberBytes, name);

/**
 * Decodes little-endian numbers. Fractions become float32: half precisions exactly, F64 rounded. Whole numbers and
 * booleans become int32.
 *
 * @param bytes memory that the result may keep
 * @throws FormatError when a whole number does not fit into 32 bits
 */
export function decodeNumbers(bytes: Uint8Array, type: NumberType): NamedArray['data'] {
  const size = numberBytes[type];
  const { buffer, byteOffset, byteLength } = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  const length = byteLength / size;
  switch (type) {
    case 'F64':
      return Float32Array.from(new Float64Array(buffer, byteOffset, length));
    case 'F32':
      return new Float32Array(buffer, byteOffset, length);
    case 'F16':
      return float16ToFloat32(new Uint16Array(buffer, byteOffset, length));
    case 'BF16':
      return bfloat16ToFloat32(new Uint16Array(buffer, byteOffset, length));
    case 'I64':
      return toInt32(new BigInt64Array(buffer, byteOffset, length));
    case 'U64':
      return toInt32(new BigUint64Array(buffer, byteOffset, length));
    case 'I32':
      return new Int32Array(buffer, byteOffset, length);
    case 'U32':
      return toInt32(new Uint32Array(buffer, byteOffset, length));
    case 'I16':
      return Int32Array.from(new Int16Array(buffer, byteOffset, length));
    case 'U16':
      return Int32Array.from(new Uint16Array(buffer, byteOffset, length));
    case 'I8':
      return Int32Array.from(new Int8Array(buffer, byteOffset, length));
    case 'U8':
      return Int32Array.from(bytes);
    case 'BOOL':
      return Int32Array.from(bytes, (byte) => (byte === 0 ? 0 : 1));
  }
}

/** IEEE 754 binary16: 1 sign, 5 exponent and 10 fraction bits. */
export function float16ToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

let halfTable: Float32Array | null = null;
/** The value of each of the 65,536 half precision numbers: weights have many more numbers than that. */
export const float16Table = (): Float32Array =>
  (halfTable ??= Float32Array.from({ length: 2 ** 16 }, (_, bits) => float16ToNumber(bits)));

function float16ToFloat32(halves: Uint16Array): Float32Array {
  const table = float16Table();
  const singles = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) singles[i] = table[halves[i]!]!;
  return singles;
}

/** bfloat16 is the upper half of a float32. */
function bfloat16ToFloat32(halves: Uint16Array): Float32Array {
  const words = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) words[i] = halves[i]! << 16;
  return new Float32Array(words.buffer);
}

function toInt32(wide: BigInt64Array | BigUint64Array | Uint32Array): Int32Array {
  const narrow = new Int32Array(wide.length);
  for (let i = 0; i < wide.length; i++) {
    narrow[i] = Number(wide[i]!);
    if (narrow[i] !== Number(wide[i]!)) throw new FormatError(`the whole number ${wide[i]} does not fit into 32 bits`);
  }
  return narrow;
}
