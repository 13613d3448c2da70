import { expect, test } from 'vitest';
import { Vocabulary } from './vocabulary.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const vocabulary = new Vocabulary([
  bytes('Once'),
  bytes(' upon'),
  Uint8Array.of(0xe2),
  Uint8Array.of(0x82),
  Uint8Array.of(0xac),
  bytes('é!'),
  Uint8Array.of(0x82, 0xac, 0xe2),
  bytes('\ufeffa'),
  new Uint8Array(0),
]);

test('texts of a run are the exact text, one string per id', () => {
  expect(vocabulary.textsOf([0, 1])).toEqual(['Once', ' upon']);
  expect(vocabulary.textsOf([])).toEqual([]);
});

test('a character split over tokens stands whole at its first token', () => {
  expect(vocabulary.textsOf([0, 2, 3, 4, 5])).toEqual(['Once', '€', '', '', 'é!']);
});

test('a piece that ends a character and begins another shows the other one', () => {
  expect(vocabulary.textsOf([2, 6, 3, 4, 0])).toEqual(['€', '€', '', '', 'Once']);
});

test('a byte order mark is text, and an empty piece is none', () => {
  expect(vocabulary.textsOf([7, 8, 7])).toEqual(['\ufeffa', '', '\ufeffa']);
  expect(vocabulary.textOf(7)).toBe('\ufeffa');
});

test('pieces that hold a part of a character are known', () => {
  expect([0, 2, 3, 5, 6, 7, 8].map((id) => vocabulary.isPartial(id))).toEqual([
    false,
    true,
    true,
    false,
    true,
    false,
    false,
  ]);
  expect(() => vocabulary.isPartial(99)).toThrow('token id 99');
});

test('an unfinished character does not swallow what follows', () => {
  expect(vocabulary.textsOf([2, 3, 0])).toEqual(['\ufffd', '', 'Once']);
});

test('an unknown id names itself', () => {
  expect(() => vocabulary.textOf(99)).toThrow('token id 99');
});
