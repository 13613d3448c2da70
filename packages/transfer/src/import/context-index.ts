/** FNV-1a over the ids, from a start of its own: three of them tell contexts apart. */
function hash(tokens: Int32Array, start: number): number {
  let h = start;
  for (const token of tokens) {
    h = Math.imul(h ^ (token & 0xffff), 0x01000193);
    h = Math.imul(h ^ (token >>> 16), 0x01000193);
    h ^= h >>> 15;
  }
  return (h ^ tokens.length) >>> 0;
}

const starts = [0x811c9dc5, 0x9e3779b9, 0x7f4a7c15];
const wordsPerSlot = 4;

/**
 * Numbers contexts as they come, the same tokens with the same number. It keeps 96 bits of hash and not the tokens: 16
 * bytes a context and as much room again, so that millions of them fit in memory (the chance that two of 10 million
 * different ones are taken for the same is 1e-15).
 *
 * @example
 * const contexts = new ContextIndex();
 * contexts.add(Int32Array.of(1, 2)) // { number: 0, isNew: true }
 */
export class ContextIndex {
  private slots = new Uint32Array(1024 * wordsPerSlot);
  /** Contexts so far. */
  count = 0;

  add(tokens: Int32Array): { number: number; isNew: boolean } {
    if (this.count * 2 * wordsPerSlot >= this.slots.length) this.grow();
    const key = starts.map((start) => hash(tokens, start));
    const slot = this.find(key);
    const found = this.slots[slot + 3]!;
    if (found !== 0) return { number: found - 1, isNew: false };
    this.put(slot, key, this.count + 1);
    return { number: this.count++, isNew: true };
  }

  private find(key: readonly number[]): number {
    const { slots } = this;
    let slot = (key[0]! * wordsPerSlot) % slots.length;
    while (slots[slot + 3] !== 0 && !key.every((word, i) => slots[slot + i] === word))
      slot = (slot + wordsPerSlot) % slots.length;
    return slot;
  }

  private put(slot: number, key: readonly number[], value: number): void {
    key.forEach((word, i) => (this.slots[slot + i] = word));
    this.slots[slot + 3] = value;
  }

  private grow(): void {
    const old = this.slots;
    this.slots = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += wordsPerSlot) {
      if (old[at + 3] === 0) continue;
      const key = [old[at]!, old[at + 1]!, old[at + 2]!];
      this.put(this.find(key), key, old[at + 3]!);
    }
  }
}
