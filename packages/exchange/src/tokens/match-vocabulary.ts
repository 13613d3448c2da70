import type { Vocabulary } from '@monosema/catalog';
import { spell, spellingIndex, tokenSpellings, type TokenSpelling } from './spelling.ts';

export interface VocabularyMatch {
  /** How the import spells tokens; null when nothing matched. */
  readonly spelling: TokenSpelling | null;
  /** The model's id of each string; −1 where it is none of the model's tokens, or one of several. */
  readonly ids: Int32Array;
  /** Whether every string is one of the model's tokens: then the import can be kept in them. */
  readonly isExact: boolean;
  /** Strings that are none of the model's tokens. */
  readonly unknown: readonly string[];
  /** Strings that several of the model's tokens are spelled as. */
  readonly ambiguous: readonly string[];
}

/**
 * Finds the model's tokens behind the strings of an import: in the one spelling that explains most of them. Where two
 * tokens are spelled alike, the one whose own text is the string is meant.
 *
 * @param texts distinct strings, as of ImportVocabulary
 * @param vocabulary of the model
 * @param weights how much each string counts for the choice of the spelling: its occurrences
 * @param spellings among which to choose
 * @example
 * const { isExact, ids } = matchVocabulary(imported.texts, tokenizer.vocabulary, imported.occurrences);
 */
export function matchVocabulary(
  texts: readonly string[],
  vocabulary: Vocabulary,
  weights?: readonly number[],
  spellings: readonly TokenSpelling[] = tokenSpellings,
): VocabularyMatch {
  let best: (VocabularyMatch & { weight: number }) | null = null;
  for (const spelling of spellings) {
    const match = matchAs(spelling, texts, vocabulary, weights);
    if (!best || match.weight > best.weight) best = match;
    if (match.isExact) break;
  }
  const { weight, ...match } = best!;
  return weight > 0 || match.isExact ? match : { ...match, spelling: null };
}

function matchAs(
  spelling: TokenSpelling,
  texts: readonly string[],
  vocabulary: Vocabulary,
  weights: readonly number[] | undefined,
): VocabularyMatch & { weight: number } {
  const index = spellingIndex(vocabulary, spelling);
  const ids = new Int32Array(texts.length).fill(-1);
  const unknown: string[] = [];
  const ambiguous: string[] = [];
  let weight = 0;
  for (const [i, text] of texts.entries()) {
    const candidates = index.get(text);
    const id = candidates && meant(text, candidates, vocabulary);
    if (id === undefined) (candidates ? ambiguous : unknown).push(text);
    else {
      ids[i] = id;
      weight += weights?.[i] ?? 1;
    }
  }
  return { spelling, ids, isExact: unknown.length + ambiguous.length === 0, unknown, ambiguous, weight };
}

function meant(text: string, candidates: readonly number[], vocabulary: Vocabulary): number | undefined {
  const [first, ...others] = candidates;
  if (others.length === 0) return first;
  const bytesOf = (id: number): Buffer => Buffer.from(vocabulary.pieces[id]!);
  // A vocabulary of sentencepiece has a token for each byte, and many of these bytes again as pieces, behind them.
  if (others.every((id) => bytesOf(id).equals(bytesOf(first!))))
    return /^<0x[0-9A-F]{2}>$/.test(text) ? first : others.at(-1);
  const own = candidates.filter((id) => bytesOf(id).equals(Buffer.from(text)));
  return own.length === 1 ? own[0] : undefined;
}

/**
 * Whether the token ids of an import are those of a model: whether the model's token of each id is spelled as the import
 * has it.
 *
 * @returns the share of pairs that agree in the best spelling, 0 to 1
 */
export function idsAgree(pairs: Iterable<readonly [id: number, text: string]>, vocabulary: Vocabulary): number {
  const agreeing = tokenSpellings.map(() => 0);
  /** By pair, how it is spelled: the same ones come again and again. */
  const known = new Map<string, boolean[]>();
  let count = 0;
  for (const [id, text] of pairs) {
    count++;
    const key = `${id} ${text}`;
    const bytes = vocabulary.pieces[id];
    const agrees = known.get(key) ?? tokenSpellings.map((spelling) => !!bytes && spell(bytes, spelling).includes(text));
    known.set(key, agrees);
    for (const [i, each] of agrees.entries()) if (each) agreeing[i]!++;
  }
  return count === 0 ? 1 : Math.max(...agreeing) / count;
}
