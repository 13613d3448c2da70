import { addedToken, type Part, type TokenizerFile } from './tokenizer-file.ts';

/** What byte-level tokenizers differ in besides their vocabulary: how text is split before merging. */
export const byteLevelKinds = ['gpt2', 'gpt-neox', 'qwen2', 'llama3'] as const;
export type ByteLevelKind = (typeof byteLevelKinds)[number];

export interface ByteLevelTokens {
  kind: ByteLevelKind;
  /** Id of each piece, spelled with GPT-2's printable bytes. */
  vocabulary: Readonly<Record<string, number>>;
  /** Pairs in the order in which they merge: "Ġ t". */
  merges: readonly string[];
  /** Tokens that are found in the text before it is split. */
  addedTokens: readonly { id: number; content: string; special: boolean }[];
  addPrefixSpace?: boolean;
}

/** OpenAI's pattern for GPT-2 (encoder.py): contractions, words, numbers, signs, each with the space before it. */
export const gpt2Pattern = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;

/** tiktoken's cl100k pattern with `digits` for runs of digits, as Qwen2 and Llama 3 use it. */
const cl100kPattern = (digits: string): string =>
  String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|${digits}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;

const patterns: Record<ByteLevelKind, string> = {
  gpt2: gpt2Pattern,
  'gpt-neox': gpt2Pattern,
  qwen2: cl100kPattern(String.raw`\p{N}`),
  llama3: cl100kPattern(String.raw`\p{N}{1,3}`),
};

/**
 * The tokenizer.json that a byte-level BPE's vocabulary and merges come to, as transformers builds it for the older folders
 * (GPT2Tokenizer, GPTNeoXTokenizer, Qwen2Tokenizer); `llama3` is how llama.cpp calls the splitting of Llama 3.
 */
export function byteLevelFile({
  kind,
  vocabulary,
  merges,
  addedTokens,
  addPrefixSpace,
}: ByteLevelTokens): TokenizerFile {
  const byteLevel: Part = {
    type: 'ByteLevel',
    add_prefix_space: addPrefixSpace ?? false,
    trim_offsets: false,
    use_regex: true,
  };
  const split: Part = { type: 'Split', pattern: { Regex: patterns[kind] }, behavior: 'Isolated', invert: false };
  const own = kind === 'qwen2' || kind === 'llama3';
  return {
    added_tokens: addedTokens.map(({ id, content, special }) => addedToken(id, content, special)),
    normalizer: kind === 'gpt-neox' || kind === 'qwen2' ? { type: 'NFC' } : null,
    pre_tokenizer: own ? { type: 'Sequence', pretokenizers: [split, { ...byteLevel, use_regex: false }] } : byteLevel,
    post_processor: null,
    decoder: { type: 'ByteLevel' },
    model: {
      type: 'BPE',
      unk_token: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: kind === 'llama3',
      vocab: vocabulary,
      merges: merges.map((merge) => merge.split(' ')),
    },
  };
}
