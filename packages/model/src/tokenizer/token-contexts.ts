import type { Tokenizer } from './tokenizer.ts';

/**
 * Documents as rows of `contextSize` token ids for training and scanning, as SAELens packs them: every context begins with
 * BOS, BOS stands between two documents of a context, a document that is cut goes on in the next, and what does not fill
 * the last context is dropped. A tokenizer without BOS separates documents by EOS, and begins contexts with nothing.
 *
 * @example tokenContexts(model.tokenizer, stories, 128)[0] // Int32Array(128) [1, 385, …]
 */
export function tokenContexts(tokenizer: Tokenizer, documents: Iterable<string>, contextSize: number): Int32Array[] {
  if (!Number.isInteger(contextSize) || contextSize < 2)
    throw new RangeError(`contextSize is ${contextSize}, but must be a whole number of at least 2`);
  const { bos, eos } = tokenizer;
  const contexts: Int32Array[] = [];
  let row = new Int32Array(contextSize);
  let used = 0;
  const push = (id: number): void => {
    if (used === 0 && bos !== null && id !== bos) row[used++] = bos;
    row[used++] = id;
    if (used < contextSize) return;
    contexts.push(row);
    row = new Int32Array(contextSize);
    used = 0;
  };
  const separator = bos ?? eos;
  for (const document of documents) {
    const ids = tokenizer.encode(document, { bos: false });
    if (ids.length === 0) continue;
    if (used > 0 && separator !== null && ids[0] !== separator) push(separator);
    for (const id of ids) push(id);
  }
  return contexts;
}
