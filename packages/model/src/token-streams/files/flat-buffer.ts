/** A table of a flatbuffer, read by the place of its fields in the vtable. https://flatbuffers.dev/internals/ */
export class FlatTable {
  readonly #vtable: number;
  readonly #size: number;

  /** @throws RangeError, as every read does, for what leads out of the bytes */
  constructor(
    private readonly view: DataView,
    private readonly at: number,
  ) {
    this.#vtable = at - view.getInt32(at, true);
    this.#size = view.getUint16(this.#vtable, true);
  }

  byte = (slot: number): number => this.#field(slot, (at) => this.view.getUint8(at)) ?? 0;
  long = (slot: number): number => this.#field(slot, (at) => Number(this.view.getBigInt64(at, true))) ?? 0;

  table(slot: number): FlatTable | null {
    const at = this.#field(slot, (place) => this.#target(place));
    return at === null ? null : new FlatTable(this.view, at);
  }

  /** Tables of a vector. */
  tables(slot: number): FlatTable[] {
    return this.#vector(slot, 4).map((at) => new FlatTable(this.view, this.#target(at)));
  }

  /** Pairs of 64-bit numbers of a vector of structs. */
  pairs(slot: number): [number, number][] {
    const long = (at: number): number => Number(this.view.getBigInt64(at, true));
    return this.#vector(slot, 16).map((at) => [long(at), long(at + 8)]);
  }

  /** Where the elements of a vector are. */
  #vector(slot: number, stride: number): number[] {
    const start = this.#field(slot, (at) => this.#target(at));
    if (start === null) return [];
    const count = this.view.getInt32(start, true);
    if (count < 0 || start + 4 + count * stride > this.view.byteLength)
      throw new RangeError(`a list of ${count} in ${this.view.byteLength} bytes`);
    return Array.from({ length: count }, (_, i) => start + 4 + i * stride);
  }

  #target = (at: number): number => at + this.view.getUint32(at, true);

  #field(slot: number, read: (at: number) => number): number | null {
    const offset = slot < this.#size ? this.view.getUint16(this.#vtable + slot, true) : 0;
    return offset === 0 ? null : read(this.at + offset);
  }
}
