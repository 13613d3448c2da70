import type { FileHandle } from 'node:fs/promises';
import { DocumentError } from '../document-file.ts';

/** A message of Arrow's IPC format: its place in the file, and what it holds. */
export interface ArrowMessage {
  readonly kind: 'schema' | 'dictionary' | 'batch' | 'other';
  readonly start: number;
  readonly end: number;
  /** Rows of a record batch. */
  readonly rows: number;
}

const kinds: Readonly<Record<number, ArrowMessage['kind']>> = { 1: 'schema', 2: 'dictionary', 3: 'batch' };
const mostMetadataBytes = 64 * 2 ** 20;

/**
 * The messages of an Arrow file in the stream or the file format, found by their headers alone.
 * https://arrow.apache.org/docs/format/Columnar.html#encapsulated-message-format
 */
export async function arrowMessages(handle: FileHandle, name: string, size: number): Promise<ArrowMessage[]> {
  const read = async (start: number, length: number): Promise<DataView> => {
    if (length > mostMetadataBytes || start + length > size)
      throw new DocumentError(
        `${name} is cut short or no Arrow file: ${length} bytes are asked for at byte ${start} of ${size}`,
      );
    const bytes = new Uint8Array(length);
    await handle.read(bytes, 0, length, start);
    return new DataView(bytes.buffer);
  };
  const magic = size >= 8 ? new Uint8Array((await read(0, 6)).buffer) : new Uint8Array();
  const isFile = Buffer.from(magic).toString('latin1') === 'ARROW1';
  const messages: ArrowMessage[] = [];
  for (let at = isFile ? 8 : 0; at + 4 <= size;) {
    const start = at;
    let length = (await read(at, 4)).getInt32(0, true);
    at += 4;
    // Before version 0.15 there was no mark in front of the length.
    if (length === -1) {
      length = (await read(at, 4)).getInt32(0, true);
      at += 4;
    }
    if (length === 0) break;
    if (length < 0) throw new DocumentError(`${name} is no Arrow file: a length of ${length} at byte ${start}`);
    const { kind, bodyLength, rows } = header(await read(at, length), name);
    const end = at + length + bodyLength;
    if (!(bodyLength >= 0 && end <= size))
      throw new DocumentError(`${name} is cut short: a message goes to byte ${end} of ${size}`);
    messages.push({ kind, start, end, rows });
    at = end;
  }
  if (messages[0]?.kind !== 'schema')
    throw new DocumentError(`${name} is no Arrow file: it does not begin with a schema`);
  return messages;
}

/** The few fields that are needed of the flatbuffer `Message` (format/Message.fbs). */
function header(view: DataView, name: string): { kind: ArrowMessage['kind']; bodyLength: number; rows: number } {
  try {
    const message = table(view, view.getUint32(0, true));
    const type = message(6, (at) => view.getUint8(at), 0);
    const kind = kinds[type] ?? 'other';
    const body = message(10, (at) => Number(view.getBigInt64(at, true)), 0);
    const inner = message(8, (at) => at + view.getUint32(at, true), 0);
    const rows = kind === 'batch' ? table(view, inner)(4, (at) => Number(view.getBigInt64(at, true)), 0) : 0;
    return { kind, bodyLength: body, rows };
  } catch (error) {
    if (error instanceof RangeError)
      throw new DocumentError(`${name} is no Arrow file: a message leads out of its bytes`);
    throw error;
  }
}

/** Reads fields of a flatbuffer table by their place in its vtable. */
function table(view: DataView, at: number): (slot: number, read: (at: number) => number, absent: number) => number {
  const vtable = at - view.getInt32(at, true);
  const size = view.getUint16(vtable, true);
  return (slot, read, absent) => {
    const offset = slot < size ? view.getUint16(vtable + slot, true) : 0;
    return offset === 0 ? absent : read(at + offset);
  };
}
