import { Vocabulary } from '@monosema/catalog';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';

/**
 * For models of symbols that are no text: a token is written as its number.
 *
 * @example numberedTokenizer(12).encode('3 0 11') // [3, 0, 11]
 */
export function numberedTokenizer(vocabularySize: number): Tokenizer {
  const bytes = new TextEncoder();
  return {
    encode(text) {
      return (text.match(/\S+/g) ?? []).map((word) => {
        if (!/^\d+$/.test(word) || Number(word) >= vocabularySize)
          throw new RangeError(`"${word}" is no token: they are the numbers 0 to ${vocabularySize - 1}`);
        return Number(word);
      });
    },
    decode: (ids) => Array.from(ids).join(' '),
    vocabulary: new Vocabulary(Array.from({ length: vocabularySize }, (_, id) => bytes.encode(` ${id}`))),
    bos: null,
    eos: null,
    specialTokens: [],
  };
}
