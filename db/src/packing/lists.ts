import type { ByteReader, ByteWriter } from './byte-stream.ts';

export function writeOptional(writer: ByteWriter, value: number | null): void {
  writer.byte(value === null ? 0 : 1);
  if (value !== null) writer.float32(value);
}

export const readOptional = (reader: ByteReader): number | null => (reader.byte() === 0 ? null : reader.float32());

export function writeList<T>(writer: ByteWriter, items: readonly T[], write: (item: T) => void): void {
  writer.varint(items.length);
  items.forEach(write);
}

/** @param size bytes that an item takes at least */
export const readList = <T>(reader: ByteReader, size: number, read: () => T): T[] =>
  Array.from({ length: reader.count(size) }, read);
