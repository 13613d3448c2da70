import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readLlamaConfig } from './llama/config.ts';

// scripts/make-rotary-golden.py
const golden = JSON.parse(readFileSync(new URL('../../fixtures/rotary-golden.json', import.meta.url), 'utf8')) as {
  cases: { name: string; config: unknown; frequencies: number[]; attentionFactor: number }[];
};

test.each(golden.cases)('$name: frequencies are those of transformers', ({ config, frequencies, attentionFactor }) => {
  const { positions } = readLlamaConfig(config);
  if (positions.kind !== 'rotary') throw new Error(`positions are ${positions.kind}`);
  expect(positions.attentionFactor).toBeCloseTo(attentionFactor, 12);
  expect(positions.frequencies).toHaveLength(frequencies.length);
  // transformers computes them in float32.
  frequencies.forEach((want, i) => expect(positions.frequencies[i]! / want, `pair ${i}`).toBeCloseTo(1, 5));
});
