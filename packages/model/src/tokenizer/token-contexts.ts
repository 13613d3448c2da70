import { ContextPacker } from '../token-streams/context-packer.ts';
import type { Tokenizer } from './tokenizer.ts';

/**
 * Documents as rows of `contextSize` token ids for training and scanning, as SAELens packs them: every context begins with
 * BOS, BOS stands between two documents of a context, a document that is cut goes on in the next, and what does not fill
 * the last context is dropped. A tokenizer without BOS separates documents by EOS, and begins contexts with nothing.
 *
 * @example tokenContexts(model.tokenizer, stories, 128)[0] // Int32Array(128) [1, 385, …]
 */
export function tokenContexts(tokenizer: Tokenizer, documents: Iterable<string>, contextSize: number): Int32Array[] {
  const { bos, eos } = tokenizer;
  const packer = new ContextPacker({ contextSize, bos, separator: bos ?? eos });
  const contexts: Int32Array[] = [];
  for (const document of documents)
    for (const row of packer.add(tokenizer.encode(document, { bos: false }))) contexts.push(row);
  return contexts;
}
