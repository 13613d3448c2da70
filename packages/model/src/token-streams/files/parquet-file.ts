import type { FileHandle } from 'node:fs/promises';
import { parquetMetadataAsync, parquetReadObjects, parquetSchema, type FileMetaData } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { documentColumn, documentFrom } from '../columns.ts';
import { DocumentError, type OpenDocuments } from '../document-file.ts';

/** Parquet: a part is a row group, of which only the column of the documents is read; `at` is a row of it. */
export async function openParquetFile(
  handle: FileHandle,
  name: string,
  size: number,
  wanted: string | undefined,
): Promise<OpenDocuments> {
  const readBytes = async (start: number, end: number): Promise<ArrayBuffer> => {
    if (!(start >= 0 && start <= end && end <= size))
      throw new Error(`bytes ${start} to ${end} of ${size} are asked for`);
    const bytes = new Uint8Array(end - start);
    await handle.read(bytes, 0, bytes.length, start);
    return bytes.buffer;
  };
  const file = {
    byteLength: size,
    slice(start: number, end = size): Promise<ArrayBuffer> {
      const bytes = readBytes(start, end);
      // The reader asks ahead, and does not look at all answers once one is wrong.
      bytes.catch(() => undefined);
      return bytes;
    },
  };
  const metadata = await named(name, () => parquetMetadataAsync(file));
  const columns = await named(name, async () => parquetSchema(metadata).children);
  const column = documentColumn(
    name,
    columns.map(({ element }) => element.name),
    wanted,
  );
  const firstRows = rowStarts(metadata);
  const count = (part: number): number => firstRows[part + 1]! - firstRows[part]!;
  return {
    parts: metadata.row_groups.length,
    holdsIds: columns.find(({ element }) => element.name === column)!.children.length > 0,
    count,
    async *read(part, at) {
      const [rowStart, rowEnd] = [firstRows[part]! + at, firstRows[part + 1]!];
      if (rowStart >= rowEnd) return;
      const rows = await named(name, () =>
        parquetReadObjects({ file, metadata, columns: [column], rowStart, rowEnd, compressors }),
      );
      for (let i = 0; i < rows.length; i++) {
        const document = documentFrom(rows[i]![column], `${name}, row ${rowStart + i}, "${column}"`);
        yield { document, next: at + i + 1 };
      }
    },
    close: () => handle.close(),
  };
}

function rowStarts({ row_groups: groups }: FileMetaData): number[] {
  const starts = [0];
  for (const { num_rows: rows } of groups) starts.push(starts.at(-1)! + Number(rows));
  return starts;
}

/** What the reader throws is about the file. */
async function named<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new DocumentError(`${name} cannot be read as Parquet: ${(error as Error).message}`);
  }
}
