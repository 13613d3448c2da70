import type { FileHandle } from 'node:fs/promises';
import { DocumentError } from '../document-file.ts';

const chunkBytes = 2 ** 20;
/** Longer pieces are refused: one is held in memory. */
const mostBytes = 256 * 2 ** 20;

export interface Piece {
  readonly text: string;
  /** Byte offset of its first byte, and of the byte behind the separator. */
  readonly start: number;
  readonly next: number;
}

/**
 * The UTF-8 text between separators, from a byte offset on; reads a megabyte at a time.
 *
 * @throws DocumentError for a piece above 256 MiB, or the place of bytes that are not UTF-8
 */
export async function* splitFile(
  handle: FileHandle,
  name: string,
  separator: string,
  from: number,
): AsyncGenerator<Piece> {
  const mark = Buffer.from(separator);
  let held: Buffer[] = [];
  let heldBytes = 0;
  let tail: Buffer = Buffer.alloc(0); // may hold the beginning of a separator
  let start = from;
  for (let at = from; ;) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, at);
    if (at === 0) refuseWideText(buffer.subarray(0, bytesRead), name);
    at += bytesRead;
    const data = Buffer.concat([tail, buffer.subarray(0, bytesRead)]);
    let begin = 0;
    for (let end = data.indexOf(mark); end >= 0; end = data.indexOf(mark, begin)) {
      const bytes = Buffer.concat([...held, data.subarray(begin, end)]);
      const next = start + bytes.length + mark.length;
      yield { text: decode(bytes, name, start), start, next };
      [held, heldBytes, start, begin] = [[], 0, next, end + mark.length];
    }
    if (bytesRead === 0) {
      const bytes = Buffer.concat([...held, data.subarray(begin)]);
      if (bytes.length > 0) yield { text: decode(bytes, name, start), start, next: start + bytes.length };
      return;
    }
    const cut = Math.max(begin, data.length - mark.length + 1);
    held.push(data.subarray(begin, cut));
    heldBytes += cut - begin;
    tail = data.subarray(cut);
    if (heldBytes > mostBytes)
      throw new DocumentError(
        `${name}: more than ${mostBytes} bytes without ${JSON.stringify(separator)} from byte ${start}`,
      );
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function decode(bytes: Uint8Array, name: string, start: number): string {
  const zero = bytes.indexOf(0);
  if (zero >= 0) throw new DocumentError(`${name} has a zero byte at byte ${start + zero}: it is no UTF-8 text`);
  try {
    return decoder.decode(bytes);
  } catch {
    throw new DocumentError(`${name} is not UTF-8 text: see byte ${start + firstBadByte(bytes)}; save it as UTF-8`);
  }
}

/** The byte that makes a text invalid: the shortest beginning that cannot become valid ends there. */
function firstBadByte(bytes: Uint8Array): number {
  let [good, bad] = [0, bytes.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, middle), { stream: true });
      good = middle;
    } catch {
      bad = middle;
    }
  }
  return bad - 1;
}

function refuseWideText(bytes: Uint8Array, name: string): void {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    throw new DocumentError(`${name} is UTF-16 text (byte order mark at byte 0); save it as UTF-8`);
}
