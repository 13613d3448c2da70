import { byteLevelFile, type ByteLevelKind } from '../tokenizer/byte-level-file.ts';
import { pieceKind, sentencePieceFile } from '../tokenizer/sentencepiece-file.ts';
import type { TokenizerFile } from '../tokenizer/tokenizer-file.ts';
import { openTokenizer, type Tokenizer } from '../tokenizer/tokenizer.ts';
import type { GgufTokenizerFields } from './metadata.ts';

/** How text is split before it is merged, by llama.cpp's names for it (`llama_vocab_pre_type`). */
const kinds: Readonly<Record<string, ByteLevelKind>> = {
  default: 'gpt2',
  'gpt-2': 'gpt2',
  smollm: 'gpt2',
  olmo: 'gpt-neox',
  'llama-bpe': 'llama3',
  llama3: 'llama3',
  'llama-v3': 'llama3',
  qwen2: 'qwen2',
};

/** Those that take every digit by itself before all else. */
const digitsApart = new Set(['smollm']);

/**
 * The tokenizer in a GGUF file: byte-level BPE ("gpt2") or sentencepiece BPE ("llama").
 *
 * @param size rows of the embedding
 * @throws Error naming the key that is missing or not supported
 */
export function ggufTokenizer(fields: GgufTokenizerFields, size: number): Tokenizer {
  const { tokens, bos_token_id: bos, eos_token_id: eos } = fields;
  return openTokenizer({
    tokenizer: tokenizerFile(fields),
    config: {
      bos_token: bos === undefined ? null : tokens[bos],
      eos_token: eos === undefined ? null : tokens[eos],
      // What llama.cpp does where the file does not say.
      add_bos_token: fields.add_bos_token ?? fields.model === 'llama',
    },
    bos: bos ?? null,
    eos: eos ?? null,
    size,
  });
}

function tokenizerFile(fields: GgufTokenizerFields): TokenizerFile {
  const { model, tokens } = fields;
  for (const [name, list] of [
    ['token_type', fields.token_type],
    ['scores', fields.scores],
  ] as const)
    if (list && list.length !== tokens.length)
      throw new Error(`GGUF metadata: tokenizer.ggml.${name} has ${list.length} entries for ${tokens.length} tokens`);
  if (model === 'gpt2') return byteLevel(fields);
  if (model === 'llama') return sentencePiece(fields);
  throw new Error(`GGUF metadata: tokenizer.ggml.model is "${model}"; supported are "gpt2" and "llama"`);
}

function byteLevel({ tokens, token_type: types = [], merges, pre = 'default' }: GgufTokenizerFields): TokenizerFile {
  if (!merges) throw new Error('GGUF metadata: tokenizer.ggml.merges is missing');
  const kind = Object.hasOwn(kinds, pre) ? kinds[pre] : undefined;
  if (!kind)
    throw new Error(`GGUF metadata: tokenizer.ggml.pre is "${pre}"; supported are ${Object.keys(kinds).join(', ')}`);
  const addedTokens = tokens.flatMap((content, id) => {
    const special = types[id] === pieceKind.control || types[id] === pieceKind.unknown;
    return special || types[id] === pieceKind.userDefined ? [{ id, content, special }] : [];
  });
  const vocabulary = Object.fromEntries(tokens.map((token, id) => [token, id]));
  const file = byteLevelFile({ kind, vocabulary, merges, addedTokens });
  if (!digitsApart.has(pre)) return file;
  const digits = { type: 'Split', pattern: { Regex: String.raw`\p{N}` }, behavior: 'Isolated', invert: false };
  return { ...file, pre_tokenizer: { type: 'Sequence', pretokenizers: [digits, file.pre_tokenizer] } };
}

function sentencePiece(fields: GgufTokenizerFields): TokenizerFile {
  const { tokens, scores, token_type: types, add_space_prefix: addPrefixSpace = true } = fields;
  if (!scores || !types)
    throw new Error(`GGUF metadata: tokenizer.ggml.${scores ? 'token_type' : 'scores'} is missing`);
  const pieces = tokens.map((text, id) => ({ text, score: scores[id]!, kind: types[id]! }));
  return sentencePieceFile({ pieces, addPrefixSpace });
}
