import { MalformedError } from '../import-error.ts';

/** A row of an export with its tokens and values is a few kilobytes; what is a thousand times as long is no row. */
const longestLine = 64 * 2 ** 20;

const newline = 0x0a;

/**
 * The lines of a text, as bytes without their line feeds: those that end in a piece come together, for a generator takes its
 * time for every value. They are only good until the next are asked for. What follows the last line feed is a line too,
 * unless it is empty.
 *
 * @throws MalformedError for a line of more than 64 MiB
 */
export async function* lines(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array[]> {
  let begun: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    const ended: Uint8Array[] = [];
    let from = 0;
    for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, from)) {
      const last = piece.subarray(from, end);
      ended.push(begun.length === 0 ? last : joined([...begun, last]));
      begun = [];
      length = 0;
      from = end + 1;
    }
    if (ended.length > 0) yield ended;
    if (from === piece.length) continue;
    length += piece.length - from;
    if (length > longestLine)
      throw new MalformedError(`a line is longer than ${longestLine} bytes: this is no JSON lines`);
    begun.push(piece.subarray(from));
  }
  if (length > 0) yield [joined(begun)];
}

const joined = (parts: readonly Uint8Array[]): Uint8Array => (parts.length === 1 ? parts[0]! : Buffer.concat(parts));
