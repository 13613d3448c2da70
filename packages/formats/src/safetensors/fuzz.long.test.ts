import { expect, test } from 'vitest';
import { FormatError } from '../format-error.ts';
import { readSafetensors } from './read.ts';
import { writeSafetensors } from './write.ts';

/** A seeded generator of 32-bit numbers (xorshift), so that a failure can be repeated. */
function randomNumbers(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

test('a damaged file is refused with a FormatError or read; it never crashes or hangs', () => {
  const random = randomNumbers(20_261_125);
  const good = writeSafetensors({
    W_enc: { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] },
    b_enc: { data: Float32Array.of(7), shape: [1] },
  });
  const outcomes = { refused: 0, read: 0 };
  for (let round = 0; round < 300_000; round++) {
    const bytes = Uint8Array.from(good);
    for (let changes = 1 + (random() % 4); changes > 0; changes--) bytes[random() % bytes.length] = random() & 0xff;
    const cut = random() % 3 === 0 ? bytes.subarray(0, random() % bytes.length) : bytes;
    try {
      readSafetensors(cut);
      outcomes.read++;
    } catch (error) {
      if (!(error instanceof FormatError)) throw new Error(`round ${round}: ${String(error)}`, { cause: error });
      outcomes.refused++;
    }
  }
  expect(outcomes.refused).toBeGreaterThan(100_000);
  expect(outcomes.read).toBeGreaterThan(1000);
});
