import { Vocabulary } from '@monosema/catalog';
import { expect, test } from 'vitest';
import { tokenContexts } from './token-contexts.ts';
import type { Tokenizer } from './tokenizer.ts';

/** Ids are the digits of the text. */
const digits = (bos: number | null, eos: number | null = null): Tokenizer => ({
  encode: (text) => Array.from(text, Number),
  decode: (ids) => Array.from(ids).join(''),
  vocabulary: new Vocabulary([]),
  bos,
  eos,
  specialTokens: [],
});
const rows = (tokenizer: Tokenizer, documents: string[], size: number): number[][] =>
  tokenContexts(tokenizer, documents, size).map((row) => Array.from(row));

test('contexts begin with BOS, also where it is token 0, and BOS separates documents', () => {
  expect(rows(digits(0), ['123', '4', '5678'], 4)).toEqual([
    [0, 1, 2, 3],
    [0, 4, 0, 5],
    [0, 6, 7, 8],
  ]);
});

test('the last partial context is dropped, and empty documents leave no trace', () => {
  expect(rows(digits(9), ['12', '', '345'], 4)).toEqual([
    [9, 1, 2, 9],
    [9, 3, 4, 5],
  ]);
  expect(rows(digits(9), ['12', '34'], 6)).toEqual([[9, 1, 2, 9, 3, 4]]);
  expect(rows(digits(9), ['12'], 4)).toEqual([]);
});

test('a document that brings its own BOS does not get another', () => {
  expect(rows(digits(9), ['91', '92'], 4)).toEqual([[9, 1, 9, 2]]);
});

test('without BOS, EOS separates documents', () => {
  expect(rows(digits(null, 8), ['12', '34'], 5)).toEqual([[1, 2, 8, 3, 4]]);
  expect(rows(digits(null), ['12', '34'], 4)).toEqual([[1, 2, 3, 4]]);
});

test('a context of one token is refused', () => {
  expect(() => rows(digits(0), ['1'], 1)).toThrow('contextSize is 1');
});
