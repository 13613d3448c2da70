/**
 * Strings by the bytes that they have in JSON, each decoded once: the tokens of an export are some ten thousand different
 * strings, which come by the billion.
 */
export class StringTable {
  /** Slots of an open hash table: number of the string plus 1, 0 where free. */
  #slots = new Int32Array(1 << 12);
  #strings: string[] = [];
  #hashes: number[] = [];
  /** Of string i: from ends[i − 1] up to ends[i]. */
  #ends: number[] = [];
  #bytes = new Uint8Array(1 << 16);

  /**
   * The string between two quotes of JSON, its escapes undone; null where they are none.
   *
   * @param hash of these bytes, as `step` makes it
   */
  get(line: Uint8Array, begin: number, end: number, hash: number): string | null {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const number = slots[slot]! - 1;
      if (number < 0) return this.#add(line, begin, end, hash, slot);
      if (this.#hashes[number]! === hash && this.#isSame(number, line, begin, end)) return this.#strings[number]!;
    }
  }

  #isSame(number: number, line: Uint8Array, begin: number, end: number): boolean {
    const from = number === 0 ? 0 : this.#ends[number - 1]!;
    if (this.#ends[number]! - from !== end - begin) return false;
    const bytes = this.#bytes;
    for (let at = from, i = begin; i < end; at++, i++) if (bytes[at]! !== line[i]!) return false;
    return true;
  }

  #add(line: Uint8Array, begin: number, end: number, hash: number, slot: number): string | null {
    const string = stringOf(line, begin, end);
    if (string === null) return null;
    const from = this.#ends.at(-1) ?? 0;
    const to = from + end - begin;
    if (to > this.#bytes.length) {
      const wider = new Uint8Array(Math.max(to, 2 * this.#bytes.length));
      wider.set(this.#bytes);
      this.#bytes = wider;
    }
    this.#bytes.set(line.subarray(begin, end), from);
    this.#ends.push(to);
    this.#hashes.push(hash);
    this.#slots[slot] = this.#strings.push(string);
    if (2 * this.#strings.length > this.#slots.length) this.#grow();
    return string;
  }

  #grow(): void {
    this.#slots = new Int32Array(2 * this.#slots.length);
    const mask = this.#slots.length - 1;
    for (const [number, hash] of this.#hashes.entries()) {
      let slot = hash & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = number + 1;
    }
  }
}

function stringOf(line: Uint8Array, begin: number, end: number): string | null {
  const text = Buffer.from(line.buffer, line.byteOffset + begin, end - begin).toString('utf8');
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return null;
  }
}

export const emptyHash = 0x811c9dc5 | 0;

/** FNV-1a. */
export const step = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x01000193);
