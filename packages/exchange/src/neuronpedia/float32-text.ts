/**
 * The shortest decimal number that rounds to a float32, so that what was read as `0.443` is written as `0.443`.
 *
 * @example shortest(Math.fround(0.1)) // 0.1, where Math.fround(0.1) is 0.10000000149011612
 */
export function shortest(value: number): number {
  if (Number.isInteger(value)) return value;
  for (let digits = 3; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}

export const shortestList = (values: Float32Array): number[] => Array.from(values, shortest);
