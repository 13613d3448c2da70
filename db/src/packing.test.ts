import { describe, expect, test } from 'vitest';
import type { FeatureExample } from '@monosema/catalog';
import { CorruptBytesError } from './byte-stream.ts';
import {
  packExamples,
  packHistogram,
  packTokens,
  packTokenValues,
  unpackExamples,
  unpackHistogram,
  unpackTokens,
  unpackTokenValues,
} from './packing.ts';
import { seededRandom } from './testing/seeded-random.ts';

/** A natural number of any size up to 2^bits, small ones as often as large ones. */
const natural = (random: () => number, bits: number): number => Math.floor(2 ** (random() * bits) * random());

function randomExample(random: () => number): FeatureExample {
  const size = 1 + natural(random, 11);
  const positions = Array.from({ length: size }, (_, i) => i).filter(() => random() < 0.2);
  if (positions.length === 0) positions.push(size - 1);
  const ceiling = 10 ** (random() * 12 - 6);
  const values = positions.map(() => Math.fround(ceiling * (1 - random())) || 1e-30);
  const maximum = Math.max(...values);
  return { context: natural(random, 31), position: positions[values.indexOf(maximum)]!, maximum, positions, values };
}

describe('examples', () => {
  test('come back exactly, but for activations within 1e-4 of the maximum', () => {
    const random = seededRandom(11);
    let worst = 0;
    for (let round = 0; round < 300; round++) {
      const examples = Array.from({ length: natural(random, 6) }, () => randomExample(random));
      const back = unpackExamples(packExamples(examples));
      expect(back.map(({ values: _values, ...rest }) => rest)).toEqual(
        examples.map(({ values: _values, ...rest }) => rest),
      );
      examples.forEach(({ values, maximum }, i) =>
        values.forEach((value, j) => {
          const read = back[i]!.values[j]!;
          expect(read).toBeGreaterThan(0);
          worst = Math.max(worst, Math.abs(read - value) / maximum);
        }),
      );
    }
    expect(worst).toBeLessThan(2e-5);
  });

  test('a maximum that is no float32 is rounded to one', () => {
    const example = { context: 3, position: 5, maximum: 0.1, positions: [5], values: [0.1] };
    expect(unpackExamples(packExamples([example]))[0]!.maximum).toBe(Math.fround(0.1));
  });

  test('what is no example is refused, and names the context', () => {
    const example = { context: 42, position: 5, maximum: 2, positions: [4, 5], values: [1, 2] };
    expect(() => packExamples([{ ...example, position: 6 }])).toThrow('context 42 does not fire at its own maximum');
    expect(() => packExamples([{ ...example, values: [1] }])).toThrow('2 positions, 1 values');
    expect(() => packExamples([{ ...example, values: [3, 2] }])).toThrow('activation 3 in context 42');
    expect(() => packExamples([{ ...example, values: [0, 2] }])).toThrow('activation 0 in context 42');
    expect(() => packExamples([{ ...example, positions: [5, 5] }])).toThrow(RangeError);
    expect(() => packExamples([{ ...example, maximum: 1e-50, values: [1e-50, 1e-50] }])).toThrow('not positive');
    expect(() => packExamples([{ ...example, context: -1 }])).toThrow('a natural number is wanted');
  });
});

test('tokens with values come back in their order', () => {
  const random = seededRandom(12);
  for (let round = 0; round < 300; round++) {
    const rows = Array.from({ length: natural(random, 6) }, () => ({
      token: natural(random, 20),
      value: Math.fround((random() - 0.5) * 10 ** (random() * 8 - 4)),
    }));
    expect(unpackTokenValues(packTokenValues(rows))).toEqual(rows);
  }
});

test('histograms come back, large counts too', () => {
  const random = seededRandom(13);
  for (let round = 0; round < 300; round++) {
    const counts = Array.from({ length: natural(random, 8) }, () => natural(random, 52));
    const histogram = { maximum: Math.fround(random() * 100), counts };
    expect(unpackHistogram(packHistogram(histogram))).toEqual(histogram);
  }
});

test('contexts come back, wherever their bytes lie in a buffer', () => {
  const tokens = Int32Array.of(0, 1, 65_536, -1, 2 ** 31 - 1);
  const shifted = new Uint8Array([9, ...packTokens(tokens)]).subarray(1);
  expect(unpackTokens(shifted)).toEqual(tokens);
  expect(() => unpackTokens(shifted.subarray(1))).toThrow(CorruptBytesError);
});

test('a feature of 20 examples takes less than a sixth of its JSON', () => {
  const random = seededRandom(14);
  const examples = Array.from({ length: 20 }, () => randomExample(random));
  expect(packExamples(examples).length * 6).toBeLessThan(JSON.stringify(examples).length);
});

describe('corrupt bytes', () => {
  const random = seededRandom(15);
  const packings = {
    examples: [packExamples(Array.from({ length: 5 }, () => randomExample(random))), unpackExamples],
    tokens: [packTokenValues([{ token: 300, value: 1.5 }]), unpackTokenValues],
    histogram: [packHistogram({ maximum: 2, counts: [1, 300, 70_000] }), unpackHistogram],
  } as const;

  test.each(Object.entries(packings))(
    '%s that end anywhere too early, or too late, are refused',
    (_, [bytes, read]) => {
      for (let length = 0; length < bytes.length; length++)
        expect(() => read(bytes.subarray(0, length))).toThrow(CorruptBytesError);
      expect(() => read(Uint8Array.of(...bytes, 0))).toThrow('1 bytes too many');
    },
  );

  test.each(Object.entries(packings))('%s of another version say so', (_, [bytes, read]) => {
    const other = bytes.slice();
    other[0] = 9;
    expect(() => read(other)).toThrow('version 9 is unknown, 1 is known');
  });

  test.each(Object.entries(packings))(
    '%s with any byte changed are read or refused, nothing else',
    (_, [bytes, read]) => {
      for (let round = 0; round < 2000; round++) {
        const broken = bytes.slice();
        broken[Math.floor(random() * broken.length)] = Math.floor(random() * 256);
        try {
          read(broken);
        } catch (error) {
          expect(error).toBeInstanceOf(CorruptBytesError);
        }
      }
    },
  );

  test('a count that no input could hold is refused before anything is allocated', () => {
    expect(() => unpackExamples(Uint8Array.of(1, 255, 255, 255, 255, 15))).toThrow('4294967295 entries are announced');
  });
});
