import type { Vocabulary } from '@monosema/catalog';
import { ImportVocabulary, matchVocabulary, tokenSpellings, type TokenSpelling } from '@monosema/exchange';

/**
 * Which ids an import's token strings have: those of the model's tokens, as far as its vocabulary is known here and has
 * them in the spelling of the import, and further ones for all other strings. The spelling is chosen by the first file,
 * which holds thousands of tokens, and then stays.
 *
 * While a file is read, strings have numbers that mean nothing outside; `settle` says which ids they stand for.
 */
export class ImportTokens {
  private readonly strings = new ImportVocabulary();
  /** Ids of the strings that have been settled, by their number. */
  private readonly ids: number[] = [];
  private readonly own = new Map<string, number>();
  spelling: TokenSpelling | null;

  /**
   * @param vocabulary of the model; null when it is not known here
   * @param known what an interrupted import had settled
   */
  constructor(
    private readonly vocabulary: Vocabulary | null,
    known: { spelling: string | null; ownTokens: readonly string[] },
  ) {
    this.spelling = tokenSpellings.find((spelling) => spelling === known.spelling) ?? null;
    for (const text of known.ownTokens) this.own.set(text, this.base + this.own.size);
  }

  /** Number of the model's tokens: the id of the first of the import's own. */
  get base(): number {
    return this.vocabulary?.size ?? 0;
  }

  /** Texts of the tokens that are none of the model's. */
  get ownTokens(): string[] {
    return [...this.own.keys()];
  }

  /** Numbers of strings, for `settle`. */
  numbersOf(texts: readonly string[]): Int32Array {
    return this.strings.idsOf(texts);
  }

  numberOf(text: string): number {
    return this.strings.idOf(text);
  }

  /** The id of each number that was given out so far, and whether the import got tokens of its own by it. */
  settle(): { ids: readonly number[]; hasNewTokens: boolean } {
    const before = this.own.size;
    const texts = this.strings.texts;
    const fresh = texts.slice(this.ids.length);
    if (fresh.length > 0) {
      const weights = this.strings.occurrences.slice(this.ids.length);
      const spellings = this.spelling ? [this.spelling] : tokenSpellings;
      const match = this.vocabulary && matchVocabulary(fresh, this.vocabulary, weights, spellings);
      this.spelling ??= match?.spelling ?? null;
      fresh.forEach((text, i) => {
        const id = match?.spelling ? match.ids[i]! : -1;
        this.ids.push(id >= 0 ? id : this.ownId(text));
      });
    }
    return { ids: this.ids, hasNewTokens: this.own.size > before };
  }

  private ownId(text: string): number {
    const known = this.own.get(text);
    if (known !== undefined) return known;
    const id = this.base + this.own.size;
    this.own.set(text, id);
    return id;
  }
}
