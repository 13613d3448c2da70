import { Vocabulary } from '@monosema/catalog';
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';
import { tokenBytes } from './token-bytes.ts';
import { splitsAtSpaces } from './word-boundaries.ts';

/** Text to token ids and back. */
export interface Tokenizer {
  /** Ids of `text`, with the model's BOS first unless `bos` is false, the model has none, or the text begins with it. */
  encode(text: string, options?: { bos?: boolean }): number[];
  /** The text of ids as the tokenizer's own decoder gives it: special tokens left out, no space before the first word. */
  decode(ids: ArrayLike<number>): string;
  /** The exact bytes of every token; for showing tokens one by one. */
  readonly vocabulary: Vocabulary;
  readonly bos: number | null;
  readonly eos: number | null;
  /** Ids of the tokens that no plain text makes, ascending. */
  readonly specialTokens: readonly number[];
}

const tokenizerFileSchema = z.looseObject({
  added_tokens: z
    .array(z.looseObject({ id: z.number().int().min(0), content: z.string(), special: z.boolean() }))
    .default([]),
  normalizer: z.unknown(),
  pre_tokenizer: z.unknown(),
  decoder: z.unknown(),
  model: z.looseObject({ type: z.string().optional(), vocab: z.unknown() }),
});
export type TokenizerFile = z.infer<typeof tokenizerFileSchema>;

const namedTokenSchema = z
  .union([z.string(), z.looseObject({ content: z.string() }).transform(({ content }) => content)])
  .nullish();
const tokenizerConfigSchema = z.looseObject({ bos_token: namedTokenSchema, eos_token: namedTokenSchema });

export interface TokenizerFiles {
  /** Parsed tokenizer.json. */
  tokenizer: unknown;
  /** Parsed tokenizer_config.json, where there is one. */
  config?: unknown;
  /** What config.json says; it goes before tokenizer_config.json. */
  bos?: number | null;
  eos?: number | null;
  /** Rows of the model's embedding: ids that the tokenizer does not know get a placeholder text. */
  size: number;
}

/**
 * A tokenizer from Hugging Face files.
 *
 * @throws when tokenizer.json is no such file, or has more tokens than the model
 * @example openTokenizer({ tokenizer: JSON.parse(text), size: 512 }).encode('Once upon a time') // [1, 403, 407, 261, 378]
 */
export function openTokenizer({ tokenizer, config = {}, bos, eos, size }: TokenizerFiles): Tokenizer {
  const file = tokenizerFileSchema.parse(tokenizer);
  const names = tokenizerConfigSchema.parse(config);
  const inner = new HuggingFaceTokenizer(withWordCache(file), { ...names, clean_up_tokenization_spaces: false });
  const vocabulary = new Vocabulary(tokenBytes(file, inner.get_vocab(true), size));
  const idOf = (id: number | null | undefined, name: string | null | undefined): number | null =>
    id ?? (name == null ? null : (inner.token_to_id(name) ?? null));
  const bosId = idOf(bos, names.bos_token);
  return {
    encode(text, { bos: wanted = true } = {}) {
      const { ids } = inner.encode(text, { add_special_tokens: false });
      return wanted && bosId !== null && ids[0] !== bosId ? [bosId, ...ids] : ids;
    },
    decode(ids) {
      const list = Array.from(ids);
      return list.length === 0 ? '' : inner.decode(list, { skip_special_tokens: true });
    },
    vocabulary,
    bos: bosId,
    eos: idOf(eos, names.eos_token),
    specialTokens: file.added_tokens
      .filter(({ special }) => special)
      .map(({ id }) => id)
      .sort((a, b) => a - b),
  };
}

/**
 * A sentencepiece BPE has no pre-tokenizer: every document would be merged as one long word. Where no token holds a space
 * after its first letter, words can be merged one by one with the same result, and their cache makes that fast.
 */
function withWordCache(file: TokenizerFile): TokenizerFile {
  if (file.pre_tokenizer != null || file.model.type !== 'BPE' || !splitsAtSpaces(file.model.vocab)) return file;
  const pattern = { Regex: '\u2581+[^\u2581]*|[^\u2581]+' };
  return { ...file, pre_tokenizer: { type: 'Split', pattern, behavior: 'Isolated', invert: false } };
}
