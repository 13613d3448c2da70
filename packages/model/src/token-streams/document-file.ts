/** A text, or the ids that a tokenizer made of it. */
export type Document = string | Int32Array;

export interface LocatedDocument {
  readonly document: Document;
  /** Where the next document of the part is read from. */
  readonly next: number;
}

/** A file of documents, opened. */
export interface OpenDocuments {
  /** Parts that may be read in any order: row groups of Parquet, record batches of Arrow, one for other formats. */
  readonly parts: number;
  /** Whether its documents are ids; null where only reading them tells. */
  readonly holdsIds: boolean | null;
  /** Documents of a part where that is known without reading it; `at` is then the number of a document. */
  count(part: number): number | null;
  /** The documents of a part, from `at` (0: the first, else a `next`) to its end. */
  read(part: number, at: number): AsyncIterable<LocatedDocument>;
  close(): Promise<void>;
}

/** A file of documents that can be opened as often as needed. */
export interface DocumentFile {
  readonly name: string;
  open(): Promise<OpenDocuments>;
}

/** Text or tokens that cannot be read. The message names the file and the place. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
}

/** Documents that are in memory; each is a part, so that shuffling mixes all of them. */
export function listedDocuments(documents: readonly Document[], name = 'documents'): DocumentFile {
  return {
    name,
    open: async () => ({
      parts: documents.length,
      holdsIds: documents.length > 0 && typeof documents[0] !== 'string',
      count: () => 1,
      async *read(part, at) {
        if (at === 0) yield { document: documents[part]!, next: 1 };
      },
      close: async () => undefined,
    }),
  };
}
