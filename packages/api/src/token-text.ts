import type { TokenValue, Vocabulary } from '@monosema/catalog';

/** A token with its text and a number about it, as tables of tokens show it. */
export interface TokenText {
  id: number;
  text: string;
  value: number;
}

/** Gives tokens their texts. Without a vocabulary an id stands for itself: "#403". */
export const withTexts = (vocabulary: Vocabulary | null, tokens: readonly TokenValue[]): TokenText[] =>
  tokens.map(({ token, value }) => ({ id: token, text: vocabulary ? vocabulary.textOf(token) : `#${token}`, value }));

/** The texts of a context's tokens, one per id. */
export const textsOfContext = (vocabulary: Vocabulary | null, ids: Int32Array): string[] =>
  vocabulary ? vocabulary.textsOf(ids) : Array.from(ids, (id) => `#${id} `);
