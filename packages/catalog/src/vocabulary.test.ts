import { expect, test } from 'vitest';
import { Vocabulary } from './vocabulary.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const vocabulary = new Vocabulary([bytes('Once'), bytes(' upon'), Uint8Array.of(0xe2), Uint8Array.of(0x82), Uint8Array.of(0xac), bytes('é!')]);

test('texts of a run are the exact text, one string per id', () => {
  expect(vocabulary.textsOf([0, 1])).toEqual(['Once', ' upon']);
});

test('a character split over tokens stands whole at its first token', () => {
  expect(vocabulary.textsOf([0, 2, 3, 4, 5])).toEqual(['Once', '€', '', '', 'é!']);
});

test('an unfinished character does not swallow what follows', () => {
  expect(vocabulary.textsOf([2, 3, 0])).toEqual(['\ufffd', '', 'Once']);
});

test('an unknown id names itself', () => {
  expect(() => vocabulary.textOf(99)).toThrow('token id 99');
});
