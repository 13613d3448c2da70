import { DocumentError, type Document } from './document-file.ts';

/** Columns that hold documents, the first that is there counts; SAELens's order. */
const known = ['tokens', 'input_ids', 'text', 'problem'] as const;

/**
 * The column to read of those that a table has.
 *
 * @throws DocumentError naming the columns
 */
export function documentColumn(where: string, columns: readonly string[], wanted: string | undefined): string {
  const found = wanted ?? known.find((name) => columns.includes(name));
  if (found !== undefined && columns.includes(found)) return found;
  const looked = wanted === undefined ? `none of ${known.join(', ')}` : `no column "${wanted}"`;
  throw new DocumentError(`${where} has ${looked}; its columns are ${columns.join(', ') || 'none'}`);
}

/** A value of such a column; an empty text where there is none. @throws DocumentError for what is neither text nor a list of ids */
export function documentFrom(value: unknown, where: string): Document {
  if (value == null) return '';
  if (typeof value === 'string') return value;
  if (!isList(value)) throw new DocumentError(`${where} must be text or a list of token ids`);
  const ids = new Int32Array(value.length);
  for (let i = 0; i < value.length; i++) {
    const id = Number(value[i]);
    if (!Number.isInteger(id) || id < 0 || id > 0x7fffffff || typeof value[i] === 'string')
      throw new DocumentError(`${where}: item ${i} is ${String(value[i])}, which is no token id`);
    ids[i] = id;
  }
  return ids;
}

const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
