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

/**
 * A context's token ids, each in as many bytes as the largest needs: 2 for most vocabularies, 3, or 4. The first byte says
 * how many. The length is never a multiple of 4, which is how rows were written that had 4 bytes a token and no first byte.
 */
export function packTokens(tokens: Int32Array): Uint8Array {
  const width = widthFor(tokens);
  const head = (1 + tokens.length * width) % 4 === 0 ? 2 : 1;
  const bytes = new Uint8Array(head + tokens.length * width);
  bytes[0] = width | (head === 2 ? padded : 0);
  tokens.forEach((token, i) => {
    for (let byte = 0; byte < width; byte++) bytes[head + i * width + byte] = token >> (8 * byte);
  });
  return bytes;
}

/** Reads packTokens' bytes. @throws CorruptBytesError */
export function unpackTokens(bytes: Uint8Array): Int32Array {
  const reader = new ByteReader(bytes, 'packed context');
  const old = bytes.length % 4 === 0;
  const width = old ? 4 : bytes[0]! & ~padded;
  const head = old ? 0 : bytes[0]! & padded ? 2 : 1;
  const length = (bytes.length - head) / width;
  if (width < 2 || width > 4 || !Number.isInteger(length)) throw reader.corrupt('a context is a row of tokens');
  return Int32Array.from({ length }, (_, i) => {
    let token = 0;
    for (let byte = 0; byte < width; byte++) token |= bytes[head + i * width + byte]! << (8 * byte);
    return token;
  });
}

const padded = 0x80;

function widthFor(tokens: Int32Array): 2 | 3 | 4 {
  let width: 2 | 3 | 4 = 2;
  for (const token of tokens) {
    if (token < 0 || token >= 2 ** 24) return 4;
    if (token >= 2 ** 16) width = 3;
  }
  return width;
}
