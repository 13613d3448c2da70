import type { NamedArray } from '../named-array.ts';

/** Bytes per number of the dtypes that are read. */
export const dtypeBytes = { F32: 4, F16: 2, BF16: 2, I32: 4 } as const;
export type Dtype = keyof typeof dtypeBytes;

export const isDtype = (name: string): name is Dtype => Object.hasOwn(dtypeBytes, name);

/** Decodes little-endian numbers; half precisions become float32, exactly. The bytes need no alignment: they are copied. */
export function decode(bytes: Uint8Array, dtype: Dtype): NamedArray['data'] {
  // Not slice(): a Buffer's shares memory.
  const aligned = new Uint8Array(bytes).buffer;
  switch (dtype) {
    case 'F32':
      return new Float32Array(aligned);
    case 'I32':
      return new Int32Array(aligned);
    case 'F16':
      return float16ToFloat32(new Uint16Array(aligned));
    case 'BF16':
      return bfloat16ToFloat32(new Uint16Array(aligned));
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

function float16ToFloat32(halves: Uint16Array): Float32Array {
  const singles = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) singles[i] = float16ToNumber(halves[i]!);
  return singles;
}

/** bfloat16 is the upper half of a float32. */
function bfloat16ToFloat32(halves: Uint16Array): Float32Array {
  const words = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) words[i] = halves[i]! << 16;
  return new Float32Array(words.buffer);
}
