import { readFile, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { decodeUtf8, TextError } from './decode-utf8.ts';

export { TextError };

/** Files above this are refused: a document list is held in memory. */
const maximumBytes = 256 * 2 ** 20;
const separator = '<|endoftext|>';

/**
 * Reads a person's text file into documents, by the ending of its name:
 * `.json` an array of strings; `.jsonl` or `.ndjson` one object with a `text` field, or one string, a line; anything else
 * plain text, documents separated by `<|endoftext|>`. White space around a document is dropped, and so are empty ones.
 *
 * @throws TextError naming the file and, for bytes that are not UTF-8, the offset of the first
 * @example await readTextDocuments('stories.txt') // ["Once upon a time …", "One day …"]
 */
export async function readTextDocuments(path: string): Promise<string[]> {
  const name = basename(path);
  const { size } = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new TextError(`${path}: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`);
  });
  if (size > maximumBytes) throw new TextError(`${name} has ${size} bytes, at most ${maximumBytes} are read`);
  const documents = parseTextDocuments(await readFile(path), name);
  if (documents.length === 0) throw new TextError(`${name} holds no document`);
  return documents;
}

/** As `readTextDocuments`, for bytes that are in memory; `name` chooses the format and stands in errors. */
export function parseTextDocuments(bytes: Uint8Array, name: string): string[] {
  const text = decodeUtf8(bytes, name);
  const parse = parsers.get(extname(name).toLowerCase()) ?? ((text) => text.split(separator));
  return parse(text, name)
    .map((document) => document.trim())
    .filter((document) => document !== '');
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TextError(`${where} is not JSON: ${(error as Error).message}`);
  }
}

function parseArray(text: string, name: string): string[] {
  const value = parseJson(text, name);
  if (!Array.isArray(value)) throw new TextError(`${name} must be a JSON array of strings`);
  return value.map((document: unknown, index) => {
    if (typeof document !== 'string') throw new TextError(`${name}: item ${index} must be a string`);
    return document;
  });
}

function parseLines(text: string, name: string): string[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const where = `${name}, line ${index + 1}`;
    const value = parseJson(line, where);
    const document = typeof value === 'object' && value !== null && 'text' in value ? value.text : value;
    if (typeof document !== 'string') throw new TextError(`${where} must be a string or an object with a "text" field`);
    return [document];
  });
}

const parsers = new Map<string, (text: string, name: string) => string[]>([
  ['.json', parseArray],
  ['.jsonl', parseLines],
  ['.ndjson', parseLines],
]);
