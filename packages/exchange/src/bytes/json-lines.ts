import { parseJson } from './json-text.ts';
import { lines } from './lines.ts';

export interface JsonLine {
  /** Counted from 1. */
  readonly line: number;
  /** The value, or the error for a line that is no JSON. */
  readonly value: unknown;
  readonly error: SyntaxError | null;
}

/** The values of JSON lines, one at a time; empty lines are no lines. */
export async function* jsonLines(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<JsonLine> {
  let line = 0;
  for await (const bytes of lines(pieces)) {
    line++;
    if (bytes.length === 0 || (bytes.length === 1 && bytes[0] === 0x0d)) continue;
    try {
      yield {
        line,
        value: parseJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')),
        error: null,
      };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      yield { line, value: null, error };
    }
  }
}
