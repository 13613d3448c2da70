import type { FileHandle } from 'node:fs/promises';
import { tableFromIPC, type Table } from '@uwdata/flechette';
import { documentColumn, documentFrom } from '../columns.ts';
import { DocumentError, type OpenDocuments } from '../document-file.ts';
import { arrowMessages, type ArrowMessage } from './arrow-messages.ts';

/** Arrow IPC, as Hugging Face's `datasets` saves it: a part is a record batch, read alone; `at` is a row of it. */
export async function openArrowFile(
  handle: FileHandle,
  name: string,
  size: number,
  wanted: string | undefined,
): Promise<OpenDocuments> {
  const messages = await arrowMessages(handle, name, size);
  const batches = messages.filter(({ kind }) => kind === 'batch');
  const bytesOf = async ({ start, end }: ArrowMessage): Promise<Uint8Array> => {
    const bytes = new Uint8Array(end - start);
    await handle.read(bytes, 0, bytes.length, start);
    return bytes;
  };
  /** What the reader throws is about the file. */
  const named = <T>(read: () => T): T => {
    try {
      return read();
    } catch (error) {
      throw new DocumentError(`${name} cannot be read as Arrow: ${(error as Error).message}`);
    }
  };
  const tableOf = async (wantedMessages: readonly ArrowMessage[]): Promise<Table> => {
    const bytes = await Promise.all(wantedMessages.map(bytesOf));
    return named(() => tableFromIPC(bytes));
  };
  const column = documentColumn(name, (await tableOf(messages.slice(0, 1))).names, wanted);
  return {
    parts: batches.length,
    holdsIds: column === 'tokens' || column === 'input_ids' ? true : null,
    count: (part) => batches[part]!.rows,
    async *read(part, at) {
      const batch = batches[part]!;
      const before = messages.filter(({ kind, start }) => kind === 'dictionary' && start < batch.start);
      const values = (await tableOf([messages[0]!, ...before, batch])).getChild(column);
      for (let row = at; row < batch.rows; row++) {
        const document = documentFrom(
          named(() => values.at(row) as unknown),
          `${name}, batch ${part}, row ${row}, "${column}"`,
        );
        yield { document, next: row + 1 };
      }
    },
    close: () => handle.close(),
  };
}
