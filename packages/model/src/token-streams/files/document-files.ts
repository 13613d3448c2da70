import type { DataFile } from '@monosema/hub';
import { DocumentError, type DocumentFile, type OpenDocuments } from '../document-file.ts';
import { openArrowFile } from './arrow-file.ts';
import { openJsonArray, openJsonLines } from './json-file.ts';
import { openParquetFile } from './parquet-file.ts';
import { openTextFile } from './text-file.ts';

/**
 * Files of a data set as documents, by the ending of their names: `.parquet`, `.arrow`, `.jsonl` or `.ndjson`, `.json` (one
 * array), anything else plain text. Of tables the first column of `tokens`, `input_ids`, `text`, `problem` is read, or
 * `column`. A file is opened when its turn comes; one of the hub is downloaded then.
 *
 * @example documentFiles((await openDataSetFolder('roneneldan/TinyStories')).files)
 */
export function documentFiles(files: readonly DataFile[], { column }: { column?: string } = {}): DocumentFile[] {
  if (files.length === 0) throw new DocumentError('there is no file to read');
  return files.map((file) => ({ name: file.name, open: () => openFile(file, column) }));
}

async function openFile(file: DataFile, column: string | undefined): Promise<OpenDocuments> {
  const handle = await file.open();
  const { name } = file;
  try {
    const { size } = await handle.stat();
    if (/\.parquet$/i.test(name)) return await openParquetFile(handle, name, size, column);
    if (/\.arrow$/i.test(name)) return await openArrowFile(handle, name, size, column);
    if (/\.(jsonl|ndjson)$/i.test(name)) return openJsonLines(handle, name, column);
    if (/\.json$/i.test(name)) return await openJsonArray(handle, name, size, column);
    return openTextFile(handle, name);
  } catch (error) {
    await handle.close();
    throw error;
  }
}
