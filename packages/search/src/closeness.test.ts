import { expect, test } from 'vitest';
import { closeness, editDistance } from './closeness.ts';
import { termsOf } from './terms.ts';

test.each([
  ['bridge', 'bridge', 0],
  ['brid', 'bridge', 1],
  ['ridge', 'bridge', 2],
  ['brige', 'bridge', 2],
  ['goldn', 'golden', 2],
  ['dgo', 'dog', 2],
  ['transfromer', 'transformers', 3],
  ['bridge', 'bride', 2],
  ['gate', 'golden', null],
  ['do', 'dog', null],
  ['dog', 'dogs', 1],
  ['of', 'or', null],
  [',', ';', null],
  ['dogs', 'cats', null],
] as const)('"%s" and "%s" are %s apart', (term, word, distance) => expect(closeness(term, word)).toBe(distance));

test('a swap of neighbours is one error, letters beyond the basic plane are one letter', () => {
  expect(editDistance([...'abcd'], [...'acbd'])).toBe(1);
  expect(editDistance([...'ca'], [...'abc'])).toBe(3);
  expect(editDistance([...'😀a'], [...'a'])).toBe(1);
  expect(editDistance([], [...'abc'])).toBe(3);
});

test('terms are folded words, or tokens of punctuation', () => {
  expect(termsOf('Golden "Bridge", ();')).toEqual(['golden', 'bridge', '();']);
  expect(termsOf('  Café  café ')).toEqual(['cafe']);
  expect(termsOf(' \t ')).toEqual([]);
  expect(termsOf('a b c d e f g h i j')).toHaveLength(8);
});
