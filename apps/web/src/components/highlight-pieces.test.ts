import { expect, test } from 'vitest';
import { highlightPieces } from './highlight-pieces.ts';

const marked = (text: string, query: string): string[] =>
  highlightPieces(text, query)
    .filter(({ matched }) => matched)
    .map(({ text: piece }) => piece);

test('exact words, parts of words and typing errors are marked', () => {
  expect(marked('Golden Gate Bridge', 'goldn brige')).toEqual(['Golden', 'Bridge']);
  expect(marked('birds and birthdays', 'bird')).toEqual(['bird', 'birthdays']);
  expect(marked('a cat', 'a')).toEqual(['a']);
  expect(marked('nothing of it', 'zebra')).toEqual([]);
});

test('the pieces are the whole text, and no query marks nothing', () => {
  expect(
    highlightPieces('a <b> & c', 'b')
      .map(({ text }) => text)
      .join(''),
  ).toBe('a <b> & c');
  expect(marked('anything', '  ')).toEqual([]);
});
