import { gpt2Pattern } from './byte-level-file.ts';
import { isPart, mentions, type Part, type TokenizerFile } from './tokenizer-file.ts';

/**
 * The file with pre-tokenizers that Hugging Face's JavaScript library splits by as their Rust library does, which is what
 * models were trained with, and where that changes nothing also into words, since words that were merged are remembered.
 *
 * @throws Error naming a way to split that is not supported
 */
export function withExactSplits(file: TokenizerFile): TokenizerFile {
  const own = exact(file.pre_tokenizer);
  return { ...file, pre_tokenizer: splitsAnyway(file) ? sequence([...own, intoWords]) : sequence(own) };
}

function exact(part: unknown): Part[] {
  if (part == null) return [];
  if (!isPart(part)) throw new Error('tokenizer.json: pre_tokenizer has no type');
  if (part.type === 'Sequence') return (part.pretokenizers as unknown[]).flatMap(exact);
  if (part.type === 'Split') return [exactSplit(part)];
  if (part.type === 'Metaspace' && part.split !== false) return [part, intoWords];
  // JavaScript's \s, which the library's own pattern has, is not Unicode's white space; in a Split it is.
  if (part.type === 'ByteLevel' && part.use_regex !== false && part.add_prefix_space !== true)
    return [isolated(gpt2Pattern), { ...part, use_regex: false }];
  return [part];
}

/** The library knows only pieces apart and pieces removed: the others are written as a pattern of the pieces themselves. */
function exactSplit(split: Part): Part {
  const behavior = typeof split.behavior === 'string' ? split.behavior.toLowerCase() : 'isolated';
  if (behavior === 'isolated' || behavior === 'removed') return split;
  const mark = (split.pattern as { String?: unknown } | undefined)?.String;
  if (split.invert !== true && typeof mark === 'string' && Array.from(mark).length === 1) {
    const character = `\\x{${mark.codePointAt(0)!.toString(16)}}`;
    if (behavior === 'mergedwithprevious') return isolated(`[^${character}]*${character}|[^${character}]+`);
    if (behavior === 'mergedwithnext') return isolated(`${character}[^${character}]*|[^${character}]+`);
  }
  throw new Error(`tokenizer.json: pre_tokenizer Split with behavior ${String(split.behavior)} is not supported`);
}

const isolated = (pattern: string): Part => ({
  type: 'Split',
  pattern: { Regex: pattern },
  behavior: 'Isolated',
  invert: false,
});
const sequence = (parts: readonly Part[]): Part | null =>
  parts.length === 0 ? null : { type: 'Sequence', pretokenizers: parts };

const intoWords = isolated('\u2581+[^\u2581]*|[^\u2581]+');

/**
 * Whether a sentencepiece BPE, which merges every document as one long word, would merge words one by one just so: no token
 * holds the space mark after another character, and so no merge ever joins the end of one word to the start of the next.
 */
function splitsAnyway({ pre_tokenizer, model }: TokenizerFile): boolean {
  if (model.type !== 'BPE' || mentions(pre_tokenizer, 'ByteLevel')) return false;
  if (typeof model.vocab !== 'object' || model.vocab === null) return false;
  return Object.keys(model.vocab).every((token) => !/[^\u2581]\u2581/.test(token));
}
