import type { FileHandle } from 'node:fs/promises';
import { DocumentError } from '../document-file.ts';
import { FlatTable } from './flat-buffer.ts';

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
    const message = new FlatTable(view, view.getUint32(0, true));
    const kind = kinds[message.byte(6)] ?? 'other';
    const bodyLength = message.long(10);
    const inner = message.table(8);
    if (kind === 'schema') for (const field of inner?.tables(6) ?? []) checkField(field, 0);
    const batch = kind === 'dictionary' ? (inner?.table(6) ?? null) : kind === 'batch' ? inner : null;
    if (batch) checkBatch(batch, bodyLength);
    return { kind, bodyLength, rows: batch?.long(4) ?? 0 };
  } catch (error) {
    if (error instanceof RangeError) throw new DocumentError(`${name} is no Arrow file: ${error.message}`);
    throw error;
  }
}

const deepest = 32;

/** The lists of a `Field` (format/Schema.fbs): the reader behind would follow them as far as they say. */
function checkField(field: FlatTable, depth: number): void {
  if (depth > deepest) throw new RangeError(`fields within fields, ${depth} deep`);
  field.tables(16);
  for (const child of field.tables(14)) checkField(child, depth + 1);
}

/** A `RecordBatch`: no more rows than bytes, every buffer within the body. */
function checkBatch(batch: FlatTable, bodyLength: number): void {
  const check = (number: number, most: number): void => {
    if (!(number >= 0 && number <= most)) throw new RangeError(`${number} in a body of ${bodyLength} bytes`);
  };
  check(batch.long(4), bodyLength);
  for (const [length, nulls] of batch.pairs(6)) [length, nulls].forEach((number) => check(number, bodyLength * 8));
  for (const [offset, length] of batch.pairs(8)) check(offset + length, length < 0 || offset < 0 ? -1 : bodyLength);
}
