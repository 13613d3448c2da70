import type { ByteSource } from './byte-source.ts';
import { FormatError } from './format-error.ts';

/** Something reaches beyond the bytes at hand: there may be more in the file. */
class EndOfBytes extends FormatError {
  readonly needed: number;
  constructor(format: string, needed: number) {
    super(`${format}: the file ends before byte ${needed}, which it claims to have`);
    this.needed = needed;
  }
}

const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads little-endian values one after another, and never beyond the end. */
export class ByteCursor {
  at: number;
  readonly #format: string;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  /** @param format what errors begin with */
  constructor(format: string, bytes: Uint8Array, at = 0) {
    this.#format = format;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  fail(message: string): never {
    throw new FormatError(`${this.#format}: ${message}`);
  }

  /** Fails when fewer than `count` bytes are left. */
  require(count: number): void {
    if (count > this.#bytes.byteLength - this.at) throw new EndOfBytes(this.#format, this.at + count);
  }

  /** Moves on by `count` bytes and gives where they begin. */
  skip(count: number): number {
    this.require(count);
    const begin = this.at;
    this.at = begin + count;
    return begin;
  }

  u8 = (): number => this.#view.getUint8(this.skip(1));
  i8 = (): number => this.#view.getInt8(this.skip(1));
  u16 = (): number => this.#view.getUint16(this.skip(2), true);
  i16 = (): number => this.#view.getInt16(this.skip(2), true);
  u32 = (): number => this.#view.getUint32(this.skip(4), true);
  i32 = (): number => this.#view.getInt32(this.skip(4), true);
  f32 = (): number => this.#view.getFloat32(this.skip(4), true);
  f64 = (): number => this.#view.getFloat64(this.skip(8), true);
  /** The one value that pickle writes in network order. */
  f64BigEndian = (): number => this.#view.getFloat64(this.skip(8), false);
  u64 = (): bigint => this.#view.getBigUint64(this.skip(8), true);
  i64 = (): bigint => this.#view.getBigInt64(this.skip(8), true);

  /** A 64-bit size or position. One that no file can have is an error, so that sums of two do not overflow. */
  size(what: string): number {
    const value = this.u64();
    return value < 2n ** 52n ? Number(value) : this.fail(`${what} is ${value}`);
  }

  /** The next `count` bytes; they share memory with the file's. */
  bytes(count: number): Uint8Array {
    const begin = this.skip(count);
    return this.#bytes.subarray(begin, begin + count);
  }

  /** UTF-8 text of `count` bytes. */
  text(count: number, what: string): string {
    const bytes = this.bytes(count);
    try {
      return text.decode(bytes);
    } catch {
      return this.fail(`${what} is not UTF-8`);
    }
  }

  /** Text up to the next line feed, which is passed. */
  line(what: string): string {
    const end = this.#bytes.indexOf(0x0a, this.at);
    if (end < 0) throw new EndOfBytes(this.#format, this.#bytes.byteLength + 1);
    const line = this.text(end - this.at, what);
    this.at = end + 1;
    return line;
  }
}

/**
 * Parses the beginning of a file whose length is known only when it has been parsed: reads a part and takes a longer one
 * when the parser runs out of it.
 *
 * @param limit bytes that are read at most
 * @throws what `parse` throws; FormatError when `limit` bytes are not enough
 */
export async function parseBeginning<T>(
  source: ByteSource,
  format: string,
  limit: number,
  parse: (bytes: Uint8Array) => T,
): Promise<T> {
  for (let length = Math.min(source.size, 2 ** 16); ;) {
    try {
      return parse(await source.read(0, length));
    } catch (error) {
      if (!(error instanceof EndOfBytes) || error.needed > source.size) throw error;
      if (error.needed > limit)
        throw new FormatError(`${format}: more than ${limit} bytes come before the numbers`, { cause: error });
      length = Math.min(source.size, limit, Math.max(2 * length, error.needed));
    }
  }
}
