import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { fuzz, type FuzzOptions } from './fuzz.fixture.ts';
import { openGguf, openNpz, openSafetensors, openTorch, torchLimits } from './index.ts';

const rounds = 10_000;
const expanded = torchLimits.repeatedNumbers * 4;
const campaigns: [string, Pick<FuzzOptions, 'hot' | 'open' | 'tensorBytes'>][] = [
  ['safetensors/golden.safetensors', { open: openSafetensors, tensorBytes: 1000 }],
  ['safetensors/golden-halves.safetensors', { open: openSafetensors, tensorBytes: 1000 }],
  ['torch/golden/default.pt', { hot: [0, 3000], open: openTorch, tensorBytes: expanded }],
  ['torch/golden/protocol4.pt', { hot: [0, 3000], open: openTorch, tensorBytes: expanded }],
  ['torch/golden/before-1.6.pt', { hot: [0, 3000], open: openTorch, tensorBytes: expanded }],
  ['gguf/golden/golden.gguf', { hot: [0, 1800], open: openGguf, tensorBytes: 100_000 }],
  ['npz/golden/stored.npz', { open: openNpz, tensorBytes: 10_000 }],
  ['npz/golden/deflated.npz', { open: openNpz, tensorBytes: 10_000 }],
];

test.each(campaigns)(
  '%s, damaged 10,000 times: a FormatError or numbers within bounds',
  async (name, options) => {
    const good = await readFile(new URL(name, import.meta.url));
    const outcomes = await fuzz({ rounds, seed: 4_112_026, good, ...options });
    expect(outcomes.refused).toBeGreaterThan(rounds / 10);
    expect(outcomes.read).toBeGreaterThan(rounds / 100);
  },
  600_000,
);
