import { expect, test } from 'vitest';
import { steeredPieces } from './steering-words.ts';

test('the shared beginning, what differs, and new words', () => {
  expect(steeredPieces(' She saw a big dog. The dog ran.', ' She saw a red car. The dog slept.')).toEqual([
    { kind: 'same', text: ' She saw a' },
    { kind: 'new', text: ' red car.' },
    { kind: 'changed', text: ' The dog' },
    { kind: 'new', text: ' slept.' },
  ]);
});

test('the pieces are the whole text', () => {
  const steered = 'one  two\nthree four ';
  expect(
    steeredPieces('one two', steered)
      .map(({ text }) => text)
      .join(''),
  ).toBe(steered);
});

test('the same text has one piece, an empty one none', () => {
  expect(steeredPieces('a b', 'a b')).toEqual([{ kind: 'same', text: 'a b' }]);
  expect(steeredPieces('a b', '')).toEqual([]);
});
