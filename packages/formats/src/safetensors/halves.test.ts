import { expect, test } from 'vitest';
import { float16ToNumber } from '../number-type.ts';
import { readSafetensors, readSafetensorsHeader } from './read.ts';
import { toHalves } from './to-halves.ts';
import { writeSafetensors } from './write.ts';

test('every half precision number survives being read and written', () => {
  const halves = Array.from({ length: 2 ** 16 }, (_, bits) => bits);
  const isNan16 = (bits: number): boolean => (bits & 0x7fff) > 0x7c00;
  expect([...toHalves(halves.map(float16ToNumber), 'F16')].filter((bits, i) => !isNan16(i) && bits !== i)).toEqual([]);
  const wide = new Float32Array(Uint32Array.from(halves, (bits) => bits << 16).buffer);
  const isNan = (bits: number): boolean => (bits & 0x7fff) > 0x7f80;
  expect([...toHalves(wide, 'BF16')].filter((bits, i) => !isNan(i) && bits !== i)).toEqual([]);
});

test('numbers between two halves go to the nearest, ties to the even one', () => {
  const step = 2 ** -10; // between 1 and 2
  const near = [
    1 + 0.4 * step,
    1 + 0.5 * step,
    1 + 0.6 * step,
    1 + 1.5 * step,
    65519,
    65520,
    2 ** -25,
    2 ** -25 * 1.01,
    -(2 ** -24),
  ];
  expect([...toHalves(near, 'F16')].map(float16ToNumber)).toEqual([
    ...[1, 1, 1 + step, 1 + 2 * step, 65504, Infinity, 0, 2 ** -24, -(2 ** -24)],
  ]);
  const [tie, above, nan] = toHalves([1 + 2 ** -8, 1 + 3 * 2 ** -9, NaN], 'BF16');
  expect([tie, above]).toEqual([0x3f80, 0x3f81]);
  expect(nan! & 0x7fff).toBeGreaterThan(0x7f80);
});

test('tensors are written in half precision where asked, in the order of the Python library', () => {
  const data = Float32Array.of(1, -2.5, 3);
  const file = writeSafetensors(
    { a: { data, shape: [3] }, b: { data, shape: [3] }, c: { data, shape: [3] } },
    {},
    { dtypes: { a: 'F16', b: 'BF16' } },
  );
  const { tensors } = readSafetensorsHeader(file);
  expect([...tensors].map(([name, { dtype, begin }]) => [name, dtype, begin])).toEqual([
    ['c', 'F32', 0],
    ['b', 'BF16', 12],
    ['a', 'F16', 18],
  ]);
  for (const { data: read } of Object.values(readSafetensors(file))) expect(read).toEqual(data);
});
