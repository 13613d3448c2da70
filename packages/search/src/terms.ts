import { foldText } from '@monosema/db';

/** Terms of a query that are looked at; more would only slow it down. */
const maximumTerms = 8;
const maximumLength = 60;

/**
 * What a query asks for: its pieces between spaces, folded. Punctuation around a word is typing, not meaning; a piece
 * of nothing but punctuation is a token that somebody looks for.
 *
 * @example termsOf('Golden "bridge", ();') // ["golden", "bridge", "();"]
 */
export function termsOf(text: string): string[] {
  const pieces = foldText(text).split(/\s+/u).filter(Boolean);
  const terms = pieces.map((piece) => piece.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '') || piece);
  return [...new Set(terms)].map((term) => [...term].slice(0, maximumLength).join('')).slice(0, maximumTerms);
}
