import type { TokenValue } from '@monosema/catalog';
import { ByteReader, ByteWriter } from './byte-stream.ts';

/** Tokens and values: ids as varints, then the values as float32. Order is kept. */
export function packTokenValues(rows: readonly TokenValue[]): Uint8Array {
  const writer = new ByteWriter();
  writer.byte(1);
  writer.varint(rows.length);
  for (const { token } of rows) writer.varint(token);
  for (const { value } of rows) writer.float32(value);
  return writer.finish();
}

/** Reads packTokenValues' bytes. @throws CorruptBytesError */
export function unpackTokenValues(bytes: Uint8Array): TokenValue[] {
  const reader = new ByteReader(bytes, 'packed tokens');
  reader.version(1);
  const tokens = Array.from({ length: reader.count(5) }, () => reader.varint());
  const rows = tokens.map((token) => ({ token, value: reader.float32() }));
  reader.end();
  return rows;
}

/** A context's token ids as little-endian int32. */
export function packTokens(tokens: Int32Array): Uint8Array {
  const bytes = new Uint8Array(tokens.length * 4);
  const view = new DataView(bytes.buffer);
  tokens.forEach((token, i) => view.setInt32(i * 4, token, true));
  return bytes;
}

/** Reads packTokens' bytes. @throws CorruptBytesError */
export function unpackTokens(bytes: Uint8Array): Int32Array {
  const reader = new ByteReader(bytes, 'packed context');
  if (bytes.length % 4 !== 0) throw reader.corrupt('a context is a row of 4-byte tokens');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Int32Array.from({ length: bytes.length / 4 }, (_, i) => view.getInt32(i * 4, true));
}
