/**
 * The token strings of an import, each once, numbered as they come: what its examples are packed by while it is not yet
 * known which tokens of the model they are.
 *
 * @example
 * const vocabulary = new ImportVocabulary();
 * vocabulary.idsOf(['a', 'b', 'a']) // Int32Array [0, 1, 0]
 */
export class ImportVocabulary {
  readonly #ids = new Map<string, number>();
  readonly #occurrences: number[] = [];

  /** The strings, by number. */
  get texts(): string[] {
    return [...this.#ids.keys()];
  }

  get size(): number {
    return this.#ids.size;
  }

  /** How often each came, by number. */
  get occurrences(): readonly number[] {
    return this.#occurrences;
  }

  /** The number of a string, a new one for one that has not come before. */
  idOf(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) {
      this.#occurrences[known]!++;
      return known;
    }
    this.#ids.set(text, this.#occurrences.length);
    return this.#occurrences.push(1) - 1;
  }

  idsOf(texts: readonly string[]): Int32Array {
    const ids = new Int32Array(texts.length);
    for (let i = 0; i < texts.length; i++) ids[i] = this.idOf(texts[i]!);
    return ids;
  }
}
