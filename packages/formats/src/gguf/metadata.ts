import type { ByteCursor } from '../byte-cursor.ts';
import { ggufLimits as limits } from './limits.ts';

/** A value of the metadata; 64-bit numbers that a double cannot hold are bigints. */
export type GgufValue = number | bigint | boolean | string | readonly GgufValue[];

const narrow = (value: bigint): number | bigint =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;

/** Types by their number in the file: the fewest bytes of a value, and how to read one. */
const types: readonly { bytes: number; read: (cursor: ByteCursor, key: string, depth: number) => GgufValue }[] = [
  { bytes: 1, read: (cursor) => cursor.u8() },
  { bytes: 1, read: (cursor) => cursor.i8() },
  { bytes: 2, read: (cursor) => cursor.u16() },
  { bytes: 2, read: (cursor) => cursor.i16() },
  { bytes: 4, read: (cursor) => cursor.u32() },
  { bytes: 4, read: (cursor) => cursor.i32() },
  { bytes: 4, read: (cursor) => cursor.f32() },
  { bytes: 1, read: readBoolean },
  { bytes: 8, read: (cursor, key) => cursor.text(cursor.size(`the length of "${key}"`), `"${key}"`) },
  { bytes: 12, read: readArray },
  { bytes: 8, read: (cursor) => narrow(cursor.u64()) },
  { bytes: 8, read: (cursor) => narrow(cursor.i64()) },
  { bytes: 8, read: (cursor) => cursor.f64() },
];

/** Reads `count` keys with their values. */
export function readMetadata(cursor: ByteCursor, count: number): Map<string, GgufValue> {
  if (count > limits.metadata) cursor.fail(`${count} metadata keys, at most ${limits.metadata} are read`);
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < count; i++) {
    const length = cursor.size('the length of a key');
    if (length > limits.keyBytes) cursor.fail(`a key of ${length} bytes, at most ${limits.keyBytes} are read`);
    const key = cursor.text(length, 'a key');
    if (metadata.has(key)) cursor.fail(`key "${key}" stands twice`);
    metadata.set(key, typeNumbered(cursor, key).read(cursor, key, 0));
  }
  return metadata;
}

function typeNumbered(cursor: ByteCursor, key: string): (typeof types)[number] {
  const number = cursor.u32();
  return types[number] ?? cursor.fail(`"${key}" has type ${number}; known are 0 to ${types.length - 1}`);
}

function readBoolean(cursor: ByteCursor, key: string): boolean {
  const byte = cursor.u8();
  return byte <= 1 ? byte === 1 : cursor.fail(`"${key}" is a boolean of value ${byte}`);
}

function readArray(cursor: ByteCursor, key: string, depth: number): GgufValue[] {
  if (depth >= limits.depth) cursor.fail(`"${key}" has lists more than ${limits.depth} deep in each other`);
  const { bytes, read } = typeNumbered(cursor, key);
  const count = cursor.size(`the length of "${key}"`);
  // Before anything is made of that length.
  cursor.require(count * bytes);
  return Array.from({ length: count }, () => read(cursor, key, depth + 1));
}
