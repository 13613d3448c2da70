import { Vocabulary } from '@monosema/catalog';
import { expect, test } from 'vitest';
import { scoreFeature, type ScoredFeature } from './score.ts';

const vocabulary = new Vocabulary(
  [' dog', ' cat', '.', ',', ' the', ' bird'].map((text) => new TextEncoder().encode(text)),
);
const scanned = 1e6;

/** A feature that fires with activation 1 on each token as often as told. */
function feature(firingsByToken: Record<number, number>): ScoredFeature {
  const topTokens = Object.entries(firingsByToken).map(([token, value]) => ({ token: Number(token), value }));
  topTokens.sort((a, b) => b.value - a.value);
  const firings = topTokens.reduce((sum, { value }) => sum + value, 0);
  return { firings, density: firings / scanned, mean: firings ? 1 : 0, topTokens, examples: [] };
}

test('a dead feature scores 0, and one that fires everywhere too', () => {
  expect(scoreFeature(feature({}))).toBe(0);
  expect(scoreFeature(feature({ 4: 200_000 }))).toBe(0);
});

test('a word of moderate frequency beats a frequent full stop, a spread of tokens and a single firing', () => {
  const dog = scoreFeature(feature({ 0: 2000 }), { vocabulary });
  expect(dog).toBeGreaterThan(0.9);
  const rivals = [
    feature({ 2: 50_000 }),
    feature({ 2: 2000 }),
    feature({ 0: 1 }),
    feature(Object.fromEntries([0, 1, 2, 3, 4, 5].map((t) => [t, 300]))),
  ];
  for (const rival of rivals) expect(scoreFeature(rival, { vocabulary })).toBeLessThan(dog / 1.3);
});

test('three related words are as good as one', () => {
  expect(scoreFeature(feature({ 0: 700, 1: 700, 5: 700 }), { vocabulary })).toBeGreaterThan(0.9);
});

test('a whole word is easier to read than a piece of one', () => {
  const pieces = new Vocabulary([' dog', 'ir', 'o'].map((text) => new TextEncoder().encode(text)));
  const [word, piece, letter] = [0, 1, 2].map((token) =>
    scoreFeature(feature({ [token]: 2000 }), { vocabulary: pieces }),
  );
  expect(word).toBeGreaterThan(piece!);
  expect(piece).toBeGreaterThan(letter!);
});

test('strongest examples that peak on many different tokens cost points', () => {
  const examples = Array.from({ length: 20 }, (_, context) => ({
    context,
    position: 0,
    maximum: 1,
    positions: [0],
    values: [1],
  }));
  const record = { ...feature({ 0: 2000 }), examples };
  const same = scoreFeature(record, { vocabulary, tokenAt: () => 0 });
  expect(same).toBe(scoreFeature(record, { vocabulary }));
  expect(scoreFeature(record, { vocabulary, tokenAt: (context) => context })).toBeLessThan(same / 2);
});
