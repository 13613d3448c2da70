import { Vocabulary } from '@monosema/catalog';
import { BPE, Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';
import { withExactSplits } from './exact-splits.ts';
import { tokenBytes } from './token-bytes.ts';
import { tokenizerFileSchema, type TokenizerFile } from './tokenizer-file.ts';

/** Text to token ids and back. */
export interface Tokenizer {
  /** Ids of `text`, with the model's BOS first unless `bos` is false, the model has none, or the text begins with it. */
  encode(text: string, options?: { bos?: boolean }): number[];
  /** The text of ids as the tokenizer's own decoder gives it: special tokens left out, no space before the first word. */
  decode(ids: ArrayLike<number>): string;
  /** The exact bytes of every token; for showing tokens one by one. */
  readonly vocabulary: Vocabulary;
  /** What texts begin with. Where the model has no such token it is EOS, as TransformerLens does; null without either. */
  readonly bos: number | null;
  /**
   * Whether the tokenizer of Hugging Face puts BOS in front of a text too. `encode` does so for every model, as
   * TransformerLens; `encode(text, { bos: tokenizer.prependsBos })` gives what transformers gives.
   */
  readonly prependsBos?: boolean;
  readonly eos: number | null;
  /** Ids of the tokens that no plain text makes, ascending. */
  readonly specialTokens: readonly number[];
}

const namedTokenSchema = z
  .union([z.string(), z.looseObject({ content: z.string() }).transform(({ content }) => content)])
  .nullish();
const tokenizerConfigSchema = z.looseObject({
  bos_token: namedTokenSchema,
  eos_token: namedTokenSchema,
  add_bos_token: z.boolean().nullish(),
});

export interface TokenizerFiles {
  /** Parsed tokenizer.json. */
  tokenizer: unknown;
  /** Parsed tokenizer_config.json, where there is one. */
  config?: unknown;
  /** What config.json says: for texts the tokenizer's own BOS goes before it, for their end it goes before the tokenizer's. */
  bos?: number | null;
  eos?: number | null;
  /** Rows of the model's embedding: ids that the tokenizer does not know get a placeholder text. */
  size: number;
}

/**
 * A tokenizer from Hugging Face files.
 *
 * @throws when tokenizer.json is no such file, splits text in a way that is not known here, or has more tokens than the model
 * @example openTokenizer({ tokenizer: JSON.parse(text), size: 512 }).encode('Once upon a time') // [1, 403, 407, 261, 378]
 */
export function openTokenizer({ tokenizer, config = {}, bos, eos, size }: TokenizerFiles): Tokenizer {
  const file = tokenizerFileSchema.parse(tokenizer);
  const names = tokenizerConfigSchema.parse(config);
  const inner = new HuggingFaceTokenizer(withExactSplits(file), { ...names, clean_up_tokenization_spaces: false });
  if (inner.model instanceof BPE) rememberWords(inner.model);
  const vocabulary = new Vocabulary(tokenBytes(file, inner.get_vocab(true), size));
  const idOf = (name: string | null | undefined): number | null =>
    name == null ? null : (inner.token_to_id(name) ?? null);
  const eosId = eos ?? idOf(names.eos_token);
  // An id of 0 is an id, and so no `||` here.
  const bosId = idOf(names.bos_token) ?? bos ?? idOf(names.eos_token) ?? eosId;
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
    prependsBos: bosId !== null && (names.add_bos_token ?? beginsWith(file.post_processor, bosId)),
    eos: eosId,
    specialTokens: file.added_tokens
      .filter(({ special }) => special)
      .map(({ id }) => id)
      .sort((a, b) => a - b),
  };
}

/** Merged words, up to so many; the library's own store also keeps the order of their use, a third of all its time. */
function rememberWords({ cache }: BPE): void {
  const most = 100_000;
  const words = new Map<string, string[]>();
  const put = (word: string, pieces: string[]): void => {
    if (words.size >= most) words.clear();
    words.set(word, pieces);
  };
  Object.assign(cache, { get: (word: string) => words.get(word), put, clear: () => words.clear() });
}

const templateSchema = z.looseObject({
  single: z.array(z.looseObject({ SpecialToken: z.looseObject({ id: z.string() }).optional() })).min(1),
  special_tokens: z.record(z.string(), z.looseObject({ ids: z.array(z.number()) })),
});

/** Whether a post-processor, or one of its members, is a template that begins with the token. */
function beginsWith(part: TokenizerFile['post_processor'], id: number): boolean {
  const members = z.looseObject({ processors: z.array(z.unknown()) }).safeParse(part).data?.processors;
  if (members) return members.some((member) => beginsWith(member, id));
  const template = templateSchema.safeParse(part).data;
  const first = template?.single[0]?.SpecialToken?.id;
  return first !== undefined && template?.special_tokens[first]?.ids[0] === id;
}
