import type { FileHandle } from 'node:fs/promises';
import type { OpenDocuments } from '../document-file.ts';
import { splitFile } from './split-file.ts';

/** Plain text: `<|endoftext|>` stands between documents, and white space around them does not count. `at` is a byte. */
export function openTextFile(handle: FileHandle, name: string): OpenDocuments {
  return {
    parts: 1,
    holdsIds: false,
    count: () => null,
    async *read(_part, at) {
      for await (const { text, next } of splitFile(handle, name, '<|endoftext|>', at)) {
        const document = text.trim();
        if (document !== '') yield { document, next };
      }
    },
    close: () => handle.close(),
  };
}
