import { Vocabulary } from '@monosema/catalog';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';

/** A tokenizer whose ids are the digits of the text. */
export function digitTokenizer(bos: number | null = 0, size = 400): Tokenizer {
  const pieces = Array.from({ length: size }, (_, id) => new TextEncoder().encode(String(id)));
  return {
    encode: (text) => Array.from(text, Number),
    decode: (ids) => Array.from(ids).join(''),
    vocabulary: new Vocabulary(pieces),
    bos,
    eos: null,
    specialTokens: [],
  } as Tokenizer;
}
