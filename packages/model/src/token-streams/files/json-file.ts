import type { FileHandle } from 'node:fs/promises';
import { documentColumn, documentFrom } from '../columns.ts';
import { DocumentError, type Document, type OpenDocuments } from '../document-file.ts';
import { splitFile } from './split-file.ts';

/** Larger .json files are refused: an array is held in memory. JSON lines have no such bound. */
const mostArrayBytes = 256 * 2 ** 20;

/** JSON lines: an object with the column, a text or a list of ids per line. `at` is a byte. */
export function openJsonLines(handle: FileHandle, name: string, column: string | undefined): OpenDocuments {
  return {
    parts: 1,
    holdsIds: null,
    count: () => null,
    async *read(_part, at) {
      for await (const { text, start, next } of splitFile(handle, name, '\n', at)) {
        if (text.trim() === '') continue;
        const document = fromJson(
          parse(text, `${name}, line at byte ${start},`),
          `${name}, line at byte ${start},`,
          column,
        );
        if (document.length > 0) yield { document, next };
      }
    },
    close: () => handle.close(),
  };
}

/** One JSON array, of the same things. `at` is the number of an item. */
export async function openJsonArray(
  handle: FileHandle,
  name: string,
  size: number,
  column: string | undefined,
): Promise<OpenDocuments> {
  if (size > mostArrayBytes)
    throw new DocumentError(
      `${name} has ${size} bytes, at most ${mostArrayBytes} are read of a .json file; .jsonl has no bound`,
    );
  const pieces = [];
  for await (const { text } of splitFile(handle, name, '\n', 0)) pieces.push(text);
  const items = parse(pieces.join('\n'), name);
  if (!Array.isArray(items)) throw new DocumentError(`${name} must be a JSON array of texts, lists of ids or objects`);
  return {
    parts: 1,
    holdsIds: null,
    count: () => null,
    async *read(_part, at) {
      for (let i = at; i < items.length; i++) {
        const document = fromJson(items[i], `${name}: item ${i}`, column);
        if (document.length > 0) yield { document, next: i + 1 };
      }
    },
    close: () => handle.close(),
  };
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DocumentError(`${where} is not JSON: ${(error as Error).message}`);
  }
}

function fromJson(value: unknown, where: string, column: string | undefined): Document {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return trimmed(documentFrom(value, where));
  const name = documentColumn(where, Object.keys(value), column);
  return trimmed(documentFrom((value as Record<string, unknown>)[name], `${where} "${name}"`));
}

const trimmed = (document: Document): Document => (typeof document === 'string' ? document.trim() : document);
