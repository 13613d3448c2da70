/** A text file that cannot be read. The message names the file and, where it can, the place. */
export class TextError extends Error {
  override readonly name = 'TextError';
}

/** Decodes strict UTF-8, a byte order mark dropped. @throws TextError with the byte offset of what is not UTF-8 text */
export function decodeUtf8(bytes: Uint8Array, name: string): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    throw new TextError(`${name} is UTF-16 text (byte order mark at byte 0); save it as UTF-8`);
  const zero = bytes.indexOf(0);
  if (zero >= 0)
    throw new TextError(
      `${name} has a zero byte at byte ${zero}: it is UTF-16 text or no text at all; save it as UTF-8`,
    );
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const offset = firstInvalidByte(bytes);
    const byte = (bytes[offset] ?? 0).toString(16).padStart(2, '0');
    throw new TextError(`${name} is not UTF-8 text: byte 0x${byte} at byte ${offset}; save it as UTF-8`);
  }
}

/** Where the first sequence begins that is not UTF-8: overlong forms, surrogates and values above U+10FFFF count as such. */
export function firstInvalidByte(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    if (length === 0) return at;
    at += length;
  }
  return -1;
}

/** Bytes of the well-formed sequence at `at` (Unicode 15, table 3-7), or 0. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return 1;
  const length =
    lead >= 0xc2 && lead <= 0xdf ? 2 : lead >= 0xe0 && lead <= 0xef ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i] ?? 0;
    const low = i > 1 ? 0x80 : lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const high = i > 1 ? 0xbf : lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    if (byte < low || byte > high) return 0;
  }
  return length;
}
