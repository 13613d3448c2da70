import { describe, expect, test } from 'vitest';
import { noDetails, type ExampleGroup, type FeatureDetails, type FeatureExample } from '@monosema/catalog';
import { CorruptBytesError } from './byte-stream.ts';
import {
  packDetails,
  packExamples as packGrouped,
  packHistogram,
  packTokens,
  packTokenValues,
  unpackDetails,
  unpackExamples as unpackGrouped,
  unpackHistogram,
  unpackTokens,
  unpackTokenValues,
  type PackOptions,
} from './index.ts';
import { seededRandom } from '../testing/seeded-random.ts';

const packExamples = (examples: readonly FeatureExample[], options?: PackOptions) =>
  packGrouped({ examples, groups: [] }, options);
const unpackExamples = (bytes: Uint8Array) => unpackGrouped(bytes).examples;

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

describe('examples of an import, and of neurons', () => {
  test('keep every activation as float32, zeros and negative maxima included', () => {
    const random = seededRandom(21);
    const examples = Array.from({ length: 200 }, (): FeatureExample => {
      const { context, positions } = randomExample(random);
      const values = positions.map(() => Math.fround((random() - 0.3) * 10 ** (random() * 8 - 4)));
      const maximum = Math.max(...values);
      return { context, position: positions[values.indexOf(maximum)]!, maximum, positions, values };
    });
    const silent = { context: 7, position: 13, maximum: 0, positions: [], values: [] };
    expect(unpackExamples(packExamples([...examples, silent], { exact: true }))).toEqual([...examples, silent]);
  });

  test('with signs, activations are within 1e-4 of the largest magnitude, and the maximum is exact', () => {
    const random = seededRandom(22);
    for (let round = 0; round < 200; round++) {
      const { context, positions } = randomExample(random);
      const values = positions.map(() => Math.fround(random() - 0.7) || -0.5);
      values[0] = -0.25;
      const maximum = Math.max(...values);
      const example = { context, position: positions[values.indexOf(maximum)]!, maximum, positions, values };
      const [back] = unpackExamples(packExamples([example]));
      const largest = Math.max(...values.map(Math.abs));
      expect(back!.maximum).toBe(maximum);
      back!.values.forEach((value, i) => {
        expect(Math.abs(value - values[i]!)).toBeLessThan(1e-4 * largest);
        expect(Math.sign(value)).toBe(Math.sign(values[i]!));
      });
    }
  });

  test('carry attribution and loss effects', () => {
    const example = {
      ...{ context: 3, position: 1, maximum: 2, positions: [1], values: [2] },
      attribution: { target: 1, values: [0.5, -1.25] },
      lossEffects: [0.125, 0],
    };
    const { lossEffects: _lossEffects, ...attributed } = example;
    expect(unpackExamples(packExamples([example, attributed]))).toEqual([example, attributed]);
  });

  test('come with the groups that they belong to', () => {
    const f = Math.fround;
    const groups: ExampleGroup[] = [
      { kind: 'top', minimum: null, maximum: f(9.5), share: null, members: [{ example: 0, position: 17 }] },
      { kind: 'quantile', minimum: f(1), maximum: f(2), share: f(0.2), members: [] },
      { kind: 'interval', minimum: 0, maximum: f(2), share: 0, members: [{ example: 200, position: 0 }] },
    ];
    const example = { context: 3, position: 1, maximum: 2, positions: [1], values: [2] };
    const grouped = { examples: [example], groups };
    expect(unpackGrouped(packGrouped(grouped))).toEqual(grouped);
  });

  test('what version 1 packed is still read', () => {
    // One example: context 3, maximum 2, two positions of which the second is the peak, 4 and 5, half the maximum.
    const bytes = Uint8Array.of(1, 1, 3, 0, 0, 0, 64, 2, 1, 4, 0, 0, 128);
    const [example] = unpackExamples(bytes);
    expect(example).toMatchObject({ context: 3, position: 5, maximum: 2, positions: [4, 5] });
    expect(example!.values[0]).toBeCloseTo(1, 4);
  });
});

describe('details', () => {
  const f = Math.fround;
  const details: FeatureDetails = {
    moments: { variance: f(0.3), skewness: f(-1.2), kurtosis: f(4.1) },
    logHistogram: { minimum: f(-2.5), maximum: f(1.5), counts: [1, 0, 300] },
    logitHistogram: { minimum: f(-0.4), maximum: f(0.9), counts: [5, 6], bars: [f(-0.1), f(0.2)] },
    decoder: {
      norm: f(1.7),
      alignment: [{ dimension: 300, value: f(-0.6), share: f(0.04) }],
      nearest: [{ index: 24_575, cosine: f(0.8) }],
      headShares: [f(0.25), f(0.75)],
    },
    coFiring: [{ index: 9, pearson: f(0.5), cosine: f(0.6) }],
    neurons: [{ index: 3071, pearson: f(-0.1), cosine: f(0.2) }],
  };

  test('come back, each part with and without the others', () => {
    expect(unpackDetails(packDetails(details))).toEqual(details);
    expect(unpackDetails(packDetails(noDetails))).toEqual(noDetails);
    for (const name of Object.keys(details) as (keyof FeatureDetails)[]) {
      const one = { ...noDetails, [name]: details[name] };
      expect(unpackDetails(packDetails(one))).toEqual(one);
      const others = { ...details, [name]: noDetails[name] };
      expect(unpackDetails(packDetails(others))).toEqual(others);
    }
  });

  test('a row of before there were details has none', () => {
    expect(unpackDetails(null)).toEqual(noDetails);
    expect(packDetails(noDetails)).toHaveLength(2);
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
    const histogram = { minimum: 0, maximum: Math.fround(random() * 100), counts };
    expect(unpackHistogram(packHistogram(histogram))).toEqual(histogram);
    const bars = { ...histogram, minimum: -1.5, bars: counts.map(() => Math.fround(random())) };
    expect(unpackHistogram(packHistogram(bars))).toEqual(bars);
  }
});

test('contexts come back in few bytes, wherever these lie in a buffer', () => {
  const rows = [[], [5], [0, 1, 65_535], [0, 65_536, 3, 1, 2 ** 24 - 1], [7, 1, 2 ** 24], [0, -1, 2 ** 31 - 1]];
  for (const row of rows) {
    for (let length = 0; length <= row.length; length++) {
      const tokens = Int32Array.from(row.slice(0, length));
      const shifted = new Uint8Array([9, ...packTokens(tokens)]).subarray(1);
      expect(unpackTokens(shifted)).toEqual(tokens);
    }
  }
  expect(packTokens(new Int32Array(128).fill(50_256))).toHaveLength(257);
  expect(() => unpackTokens(Uint8Array.of(2, 1))).toThrow(CorruptBytesError);
  expect(() => unpackTokens(Uint8Array.of(9, 1, 1))).toThrow(CorruptBytesError);
});

test('contexts of before, four bytes a token, are still read', () => {
  expect(unpackTokens(Uint8Array.of(1, 0, 0, 0, 255, 255, 255, 255))).toEqual(Int32Array.of(1, -1));
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
    histogram: [packHistogram({ minimum: -1, maximum: 2, counts: [1, 300, 70_000] }), unpackHistogram],
    details: [packDetails({ ...noDetails, neurons: [{ index: 5, pearson: 1, cosine: 1 }] }), unpackDetails],
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
    expect(() => read(other)).toThrow(/version 9 is unknown, 1(, 2)? is known/);
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
