/** Half precisions, by safetensors' names. */
export type HalfType = 'F16' | 'BF16';

const single = new Float32Array(1);
const bitsOfSingle = new Uint32Array(single.buffer);

/** Numbers in half precision, rounded to nearest, ties to even; too large ones become infinite. */
export function toHalves(numbers: ArrayLike<number>, type: HalfType): Uint16Array {
  const convert = type === 'F16' ? toFloat16 : toBfloat16;
  const halves = new Uint16Array(numbers.length);
  for (let i = 0; i < numbers.length; i++) {
    single[0] = numbers[i]!;
    halves[i] = convert(bitsOfSingle[0]!);
  }
  return halves;
}

/** The upper half of a float32's bits, rounded. */
function toBfloat16(bits: number): number {
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40; // NaN stays NaN
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

/** 1 sign, 5 exponent and 10 fraction bits of a float32's 1, 8 and 23. */
function toFloat16(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  const exponent = (magnitude >>> 23) - 112;
  if (exponent >= 31) return sign | 0x7c00;
  if (exponent <= 0) {
    // Subnormal: the fraction, with its hidden bit, is shifted by what the exponent lacks.
    const shift = 14 - exponent;
    if (shift > 24) return sign;
    return sign | roundedShift((magnitude & 0x7fffff) | 0x800000, shift);
  }
  // A fraction that rounds up to the next power of two carries into the exponent, as it should.
  return sign | (((exponent - 1) << 10) + roundedShift((magnitude & 0x7fffff) | 0x800000, 13));
}

/** value / 2^shift, to nearest, ties to even. */
function roundedShift(value: number, shift: number): number {
  const whole = value >>> shift;
  const rest = value & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && (whole & 1) === 1) ? whole + 1 : whole;
}
