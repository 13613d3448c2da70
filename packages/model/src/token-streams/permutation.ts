/**
 * The numbers from 0 to count − 1 in an order that only `key` decides: Fisher and Yates's shuffle with Bob Jenkins's sfc32
 * (PractRand), seeded by up to three whole numbers, such as a seed, an epoch and a block.
 *
 * @example permutation(4, [7]) // Uint32Array(4), the same on every machine
 */
export function permutation(count: number, key: readonly number[]): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const next = randomBits(key);
  for (let i = count - 1; i > 0; i--) {
    const j = below(i + 1, next);
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
  return order;
}

/** An even choice from 0 to count − 1: draws of the last, incomplete round are thrown away. */
function below(count: number, next: () => number): number {
  const rounds = 2 ** 32 - (2 ** 32 % count);
  for (;;) {
    const bits = next();
    if (bits < rounds) return bits % count;
  }
}

function randomBits([first = 0, second = 0, third = 0]: readonly number[]): () => number {
  let [a, b, c, counter] = [first | 0, (Math.floor(first / 2 ** 32) ^ second) | 0, third | 0, 1];
  const next = (): number => {
    const t = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 15; i++) next();
  return next;
}
