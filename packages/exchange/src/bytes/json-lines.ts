import { parseJson } from './json-text.ts';
import { lines } from './lines.ts';

export interface NumberedLine {
  /** Counted from 1. */
  readonly line: number;
  /** Only good until the next lines are asked for. */
  readonly bytes: Uint8Array;
}

/** The lines of a text that are not empty, with their numbers. Those that came together come together. */
export async function* numberedLines(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<NumberedLine[]> {
  let line = 0;
  const isEmpty = (bytes: Uint8Array): boolean => bytes.length === 0 || (bytes.length === 1 && bytes[0] === 0x0d);
  for await (const ended of lines(pieces)) {
    const numbered = ended.map((bytes) => ({ line: ++line, bytes }));
    yield numbered.filter(({ bytes }) => !isEmpty(bytes));
  }
}

/** The value of a line. @throws SyntaxError */
export const jsonOfLine = (bytes: Uint8Array): unknown =>
  parseJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'));
