/** Uniform 32-bit numbers. */
export type Random = () => number;

/**
 * A generator that depends on its keys only (a seed, what it is for, a counter), so that the order of a training run
 * can be computed from any step on. sfc32 (Chris Doty-Humphrey, PractRand), keyed through a 32-bit mix of the keys.
 *
 * @example shuffle(order, keyedRandom(seed, 'epoch', 3))
 */
export function keyedRandom(...keys: (string | number)[]): Random {
  let state = 0x9e3779b9;
  for (const character of keys.join('\u0000')) state = mix(state ^ character.codePointAt(0)!);
  let a = mix(state + 1);
  let b = mix(state + 2);
  let c = mix(state + 3);
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

/** The finaliser of MurmurHash3: every bit of the input reaches every bit of the output. */
function mix(value: number): number {
  let h = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Fisher-Yates, in place. */
export function shuffle(values: Int32Array, random: Random): Int32Array {
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor((random() / 2 ** 32) * (i + 1));
    const value = values[i]!;
    values[i] = values[j]!;
    values[j] = value;
  }
  return values;
}

/** The numbers 0 to count - 1 in an order that depends on the keys only. */
export const permutation = (count: number, ...keys: (string | number)[]): Int32Array =>
  shuffle(
    Int32Array.from({ length: count }, (_, i) => i),
    keyedRandom(...keys),
  );

/** A standard normal number (Box and Muller 1958). */
export function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log((random() + 1) / (2 ** 32 + 1)));
  return radius * Math.cos((2 * Math.PI * random()) / 2 ** 32);
}
