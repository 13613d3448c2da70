import type { ModelFolder } from '@monosema/hub';
import { z } from 'zod';
import { byteLevelFile, type ByteLevelKind } from './byte-level-file.ts';
import { readSentencePieceModel } from './sentencepiece-model.ts';
import { openTokenizer, type Tokenizer, type TokenizerFiles } from './tokenizer.ts';

type Folder = Pick<ModelFolder, 'id' | 'files' | 'file'>;

/** Files of a folder that make a tokenizer, any of these sets. */
export const tokenizerFileSets = [['tokenizer.json'], ['vocab.json', 'merges.txt'], ['tokenizer.model']] as const;

/**
 * The tokenizer of a folder in Hugging Face layout: tokenizer.json, or in older folders vocab.json and merges.txt
 * (byte-level: GPT-2, GPT-NeoX, Qwen2), or sentencepiece's tokenizer.model (BPE: Llama, Mistral, Gemma), in this order; with
 * tokenizer_config.json, special_tokens_map.json and added_tokens.json where they are.
 *
 * @param ids what config.json says, and the rows of the embedding
 * @throws Error naming the file that is missing, damaged or of a kind that is not known here
 * @example const tokenizer = await readTokenizer(folder, { bos: 50256, eos: 50256, size: 50257 })
 */
export async function readTokenizer(
  folder: Folder,
  ids: Pick<TokenizerFiles, 'bos' | 'eos' | 'size'>,
): Promise<Tokenizer> {
  const has = (name: string): boolean => folder.files.includes(name);
  const optional = async (name: string): Promise<unknown> => (has(name) ? json(folder, name) : {});
  const named = objectSchema.parse(await optional('special_tokens_map.json'));
  const given = objectSchema.parse(await optional('tokenizer_config.json'));
  const config = configSchema.parse({ ...named, ...given });
  if (has('tokenizer.json')) return openTokenizer({ ...ids, config, tokenizer: await json(folder, 'tokenizer.json') });
  if (has('vocab.json') && has('merges.txt')) {
    const added = vocabularySchema.parse(await optional('added_tokens.json'));
    const vocabulary = vocabularySchema.parse(await json(folder, 'vocab.json'));
    const merges = readMerges(await text(folder, 'merges.txt'));
    const kind = kindOf(config.tokenizer_class);
    const names = { bos_token: kind === 'qwen2' ? null : endOfText, eos_token: endOfText, ...config };
    const addedTokens = addedTokensOf(names, vocabulary, added);
    const tokenizer = byteLevelFile({
      kind,
      vocabulary,
      merges,
      addedTokens,
      addPrefixSpace: config.add_prefix_space ?? false,
    });
    return openTokenizer({ ...ids, config: names, tokenizer });
  }
  if (has('tokenizer.model')) {
    const tokenizer = readSentencePieceModel(await folder.file('tokenizer.model'));
    return openTokenizer({
      ...ids,
      config: { bos_token: '<s>', eos_token: '</s>', add_bos_token: true, ...config },
      tokenizer,
    });
  }
  const sets = tokenizerFileSets.map((set) => set.join(' with ')).join(', or ');
  throw new Error(`model "${folder.id}" has no tokenizer: it needs ${sets}`);
}

const endOfText = '<|endoftext|>';
const tokenSchema = z.union([z.string(), z.looseObject({ content: z.string(), special: z.boolean().optional() })]);
const objectSchema = z.record(z.string(), z.unknown());
const vocabularySchema = z.record(z.string(), z.number().int().min(0));
const configSchema = z.looseObject({
  tokenizer_class: z.string().nullish(),
  add_prefix_space: z.boolean().nullish(),
  added_tokens_decoder: z.record(z.string().regex(/^\d+$/), tokenSchema).optional(),
});
type Config = z.infer<typeof configSchema>;

const kinds: Readonly<Record<string, ByteLevelKind>> = {
  GPT2Tokenizer: 'gpt2',
  GPTNeoXTokenizer: 'gpt-neox',
  Qwen2Tokenizer: 'qwen2',
};

/** Folders that name no class are GPT-2's own and those made from it. */
function kindOf(tokenizerClass: string | null | undefined): ByteLevelKind {
  const name = (tokenizerClass ?? 'GPT2Tokenizer').replace(/Fast$/, '');
  const kind = kinds[name];
  if (!kind)
    throw new Error(
      `tokenizer_config.json names tokenizer_class "${name}"; with vocab.json and merges.txt, allowed are ${Object.keys(kinds).join(', ')}`,
    );
  return kind;
}

/** Pairs, one a line, as "Ġ t"; the first line may be a comment with a version. */
function readMerges(file: string): string[] {
  const lines = file.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#version'));
  const wrong = lines.findIndex((line) => !/^\S+ \S+$/.test(line));
  if (wrong >= 0) throw new Error(`merges.txt: "${lines[wrong]!.slice(0, 40)}" is no pair of pieces`);
  return lines;
}

/** Tokens with a role (bos_token, eos_token …), and those that were added to the vocabulary later. */
function addedTokensOf(
  config: Config,
  vocabulary: Readonly<Record<string, number>>,
  added: Readonly<Record<string, number>>,
): { id: number; content: string; special: boolean }[] {
  const roles = Object.entries(config).filter(
    ([name]) => name.endsWith('_token') || name === 'additional_special_tokens',
  );
  const special = new Set(
    roles.flatMap(([, value]) => (Array.isArray(value) ? value : [value])).flatMap((value) => contentOf(value) ?? []),
  );
  const found = new Map<string, { id: number; content: string; special: boolean }>();
  const add = (content: string, id: number | undefined, isSpecial: boolean): void => {
    if (id !== undefined) found.set(content, { id, content, special: isSpecial || special.has(content) });
  };
  for (const content of special) add(content, vocabulary[content] ?? added[content], true);
  for (const [content, id] of Object.entries(added)) add(content, id, false);
  for (const [id, token] of Object.entries(config.added_tokens_decoder ?? {}))
    add(contentOf(token)!, Number(id), typeof token === 'object' && token.special === true);
  return [...found.values()].sort((a, b) => a.id - b.id);
}

const contentOf = (token: unknown): string | undefined => {
  const parsed = tokenSchema.safeParse(token).data;
  return typeof parsed === 'string' ? parsed : parsed?.content;
};

const text = async (folder: Folder, name: string): Promise<string> => new TextDecoder().decode(await folder.file(name));

async function json(folder: Folder, name: string): Promise<unknown> {
  try {
    return JSON.parse(await text(folder, name));
  } catch (error) {
    throw new Error(`${name} of model "${folder.id}" is not JSON: ${(error as Error).message}`);
  }
}
