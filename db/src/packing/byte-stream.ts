/** Bytes that do not hold what they should. */
export class CorruptBytesError extends Error {
  override readonly name = 'CorruptBytesError';
}

/** Appends numbers to a growing array of bytes, little-endian. */
export class ByteWriter {
  private bytes = new Uint8Array(256);
  private view = new DataView(this.bytes.buffer);
  private length = 0;

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** A natural number below 2^53, seven bits per byte, low bits first (LEB128). */
  varint(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new RangeError(`${value} cannot be packed: a natural number is wanted`);
    while (value >= 128) {
      this.byte((value % 128) | 128);
      value = Math.floor(value / 128);
    }
    this.byte(value);
  }

  uint16(value: number): void {
    this.reserve(2);
    this.view.setUint16(this.length, value, true);
    this.length += 2;
  }

  int16(value: number): void {
    this.uint16(value & 0xffff);
  }

  float32(value: number): void {
    if (!Number.isFinite(Math.fround(value)))
      throw new RangeError(`${value} cannot be packed: a finite float32 is wanted`);
    this.reserve(4);
    this.view.setFloat32(this.length, value, true);
    this.length += 4;
  }

  finish(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  private reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const larger = new Uint8Array(this.bytes.length * 2);
    larger.set(this.bytes);
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }
}

/** Reads what a ByteWriter wrote. Every read is checked against the end. */
export class ByteReader {
  private readonly view: DataView;
  private position = 0;

  /** @param what names the bytes in errors: "packed histogram" */
  constructor(
    bytes: Uint8Array,
    private readonly what: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  byte(): number {
    return this.view.getUint8(this.advance(1));
  }

  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (value > Number.MAX_SAFE_INTEGER) throw this.corrupt('a number is too large');
      if (byte < 128) return value;
    }
  }

  uint16(): number {
    return this.view.getUint16(this.advance(2), true);
  }

  int16(): number {
    return this.view.getInt16(this.advance(2), true);
  }

  float32(): number {
    const value = this.view.getFloat32(this.advance(4), true);
    if (!Number.isFinite(value)) throw this.corrupt('a value is not finite');
    return value;
  }

  /** How many of something follow, each of which takes at least `size` bytes: more than could follow is refused. */
  count(size: number): number {
    const count = this.varint();
    if (count * size > this.view.byteLength - this.position) throw this.corrupt(`${count} entries are announced`);
    return count;
  }

  /** The first byte of every packing tells how to read the rest: one of the known ways. */
  version<Known extends number>(...known: readonly Known[]): Known {
    const version = this.byte();
    const found = known.find((one) => one === version);
    if (found === undefined) throw this.corrupt(`version ${version} is unknown, ${known.join(', ')} is known`);
    return found;
  }

  end(): void {
    if (this.position !== this.view.byteLength)
      throw this.corrupt(`${this.view.byteLength - this.position} bytes too many`);
  }

  corrupt(why: string): CorruptBytesError {
    return new CorruptBytesError(`${this.what}: ${why} (byte ${this.position} of ${this.view.byteLength})`);
  }

  private advance(count: number): number {
    const start = this.position;
    if (start + count > this.view.byteLength) throw this.corrupt('the bytes end too early');
    this.position += count;
    return start;
  }
}
