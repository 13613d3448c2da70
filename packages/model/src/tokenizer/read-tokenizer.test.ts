import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { openDataSet } from '@monosema/sample-data';
import { describe, expect, test } from 'vitest';
import { byteLevelFile } from './byte-level-file.ts';
import { readTokenizer } from './read-tokenizer.ts';
import { tokenSpans } from './token-spans.ts';
import { openTokenizer, type Tokenizer } from './tokenizer.ts';
import {
  folderOf,
  gpt2Merges,
  gpt2Vocabulary,
  sentencePieceModel,
  tokenizerGolden,
  type GoldenCase,
} from './tokenizer-golden.fixture.ts';

const vocabulary = gpt2Vocabulary();
const older = { 'vocab.json': vocabulary, 'merges.txt': gpt2Merges };
const gpt2 = await readTokenizer(folderOf(older), { bos: 50256, eos: 50256, size: 50257 });
const tokenizers: Record<string, Tokenizer> = {
  gpt2,
  'gpt-neox': await readTokenizer(
    folderOf({
      ...older,
      'tokenizer_config.json': { tokenizer_class: 'GPTNeoXTokenizer', pad_token: '<|padding|>' },
      'added_tokens.json': { '<|padding|>': 50257 },
    }),
    { size: 50304 },
  ),
  qwen2: await readTokenizer(folderOf({ ...older, 'tokenizer_config.json': { tokenizer_class: 'Qwen2Tokenizer' } }), {
    size: 50257,
  }),
  llama3: openTokenizer({
    tokenizer: byteLevelFile({
      kind: 'llama3',
      vocabulary,
      merges: gpt2Merges.split('\n').slice(1, -1),
      addedTokens: [{ id: 50256, content: '<|endoftext|>', special: true }],
    }),
    size: 50257,
  }),
  'sentencepiece-llama': await readTokenizer(folderOf({ 'tokenizer.model': sentencePieceModel('llama') }), {
    size: 800,
  }),
  'sentencepiece-gemma': await readTokenizer(folderOf({ 'tokenizer.model': sentencePieceModel('gemma') }), {
    size: 800,
  }),
};

/** Code points before an index of a string, as Python counts. */
const codePoints = (text: string, index: number): number => Array.from(text.slice(0, index)).length;

describe.each(['gpt2', 'gpt-neox', 'qwen2', 'llama3'] as const)('%s', (name) => {
  const tokenizer = tokenizers[name]!;
  test.each(tokenizerGolden[name])(
    '$text has the ids and places of the Python tokenizers',
    ({ text, ids, offsets }) => {
      expect(tokenizer.encode(text, { bos: false })).toEqual(ids);
      const spans = tokenSpans(tokenizer, text, ids);
      // They give composed characters the place of the first part only: see the test of tokenSpans.
      if (text.normalize() === text)
        expect(spans.map(({ start, end }) => [codePoints(text, start), codePoints(text, end)])).toEqual(offsets);
    },
  );
});

describe.each(['sentencepiece-llama', 'sentencepiece-gemma'] as const)('%s', (name) => {
  test.each(tokenizerGolden[name])('$text has the ids of sentencepiece', ({ text, ids }) => {
    expect(tokenizers[name]!.encode(text, { bos: false })).toEqual(ids);
  });
});

test.each(['gpt2', 'sentencepiece-llama', 'sentencepiece-gemma'] as const)(
  '%s: a long text has the ids of its own program',
  async (name) => {
    const { files } = await openDataSet('tinystories');
    const text = (await readFile(files.train, 'utf8')).slice(0, 400_000);
    const ids = tokenizers[name]!.encode(text, { bos: false });
    const sha256 = createHash('sha256').update(Int32Array.from(ids)).digest('hex');
    expect({ count: ids.length, sha256 }).toEqual(tokenizerGolden[`${name}-stories`]);
  },
);

test("GPT-2's published tokenisations", () => {
  for (const [text, ids] of [
    ['My cat is sleeping on the couch.', [3666, 3797, 318, 11029, 319, 262, 18507, 13]],
    ['naïve café 日本語 🙂', [2616, 38776, 40304, 10545, 245, 98, 17312, 105, 45739, 252, 32485]],
    [' SolidGoldMagikarp', [43453]],
  ] as const)
    expect(gpt2.encode(text)).toEqual([50256, ...ids]);
});

test('texts of tokens join to the exact text, and parts of characters are marked', () => {
  const pieces = gpt2.vocabulary;
  for (const { text, ids } of tokenizerGolden.gpt2) expect(pieces.textsOf(ids).join('')).toBe(text);
  expect(pieces.isPartial(10545)).toBe(true);
  expect(pieces.isPartial(38776)).toBe(false);
});

const shared = new URL('../../../../../shared/data/', import.meta.url);
test.skipIf(!existsSync(shared))("Llama 2's published tokenisations (skipped where ../shared is absent)", async () => {
  const model = await readFile(new URL('tokenizers/llama2-tokenizer.model', shared));
  const llama = await readTokenizer(folderOf({ 'tokenizer.model': model }), { size: 32000 });
  const published = await readFile(new URL('reference/llama2c-tokenizer-tests.json', shared), 'utf8');
  for (const { text, ids } of (JSON.parse(published) as { cases: GoldenCase[] }).cases)
    expect(llama.encode(text)).toEqual(ids);
});

const inMemory = (files: Parameters<typeof folderOf>[0], size = 50257): Promise<Tokenizer> =>
  readTokenizer(folderOf(files), { size });

test('BOS is the tokenizer’s own, else that of config.json, else EOS, and may be token 0', async () => {
  expect(gpt2).toMatchObject({ bos: 50256, eos: 50256, prependsBos: false, specialTokens: [50256] });
  expect(gpt2.encode('Hello<|endoftext|>')).toEqual([50256, 15496, 50256]);
  expect(tokenizers.qwen2).toMatchObject({ bos: 50256, eos: 50256 });
  expect(tokenizers['sentencepiece-llama']).toMatchObject({ bos: 1, eos: 2, prependsBos: true });
  const files = { 'vocab.json': { '<|begin|>': 0, a: 1, '<|endoftext|>': 2 }, 'merges.txt': '#version: 0.2\n' };
  const first = await inMemory({ ...files, 'special_tokens_map.json': { bos_token: { content: '<|begin|>' } } }, 3);
  expect(first).toMatchObject({ bos: 0, eos: 2 });
  expect(first.encode('aa')).toEqual([0, 1, 1]);
  expect(first.encode('<|begin|>a')).toEqual([0, 1]);
  const added = await inMemory({ ...files, 'tokenizer_config.json': { add_bos_token: true } }, 3);
  expect(added).toMatchObject({ bos: 2, prependsBos: true });
  const configured = await readTokenizer(
    folderOf({ ...files, 'tokenizer_config.json': { tokenizer_class: 'Qwen2Tokenizer' } }),
    { bos: 0, eos: 2, size: 3 },
  );
  expect(configured.bos).toBe(0);
});

test('tokens that were added later are found in the text', async () => {
  const { encode, specialTokens } = tokenizers['gpt-neox']!;
  expect(encode('a<|padding|>', { bos: false })).toEqual([64, 50257]);
  expect(specialTokens).toEqual([50256, 50257]);
  const decoder = { 50257: { content: '<|im_start|>', special: true }, 50258: { content: '<tool>', special: false } };
  const qwen = await inMemory(
    { ...older, 'tokenizer_config.json': { tokenizer_class: 'Qwen2TokenizerFast', added_tokens_decoder: decoder } },
    50304,
  );
  expect(qwen.encode('<tool>a<|im_start|>', { bos: false })).toEqual([50258, 64, 50257]);
  expect(qwen.specialTokens).toEqual([50256, 50257]);
});

test('what cannot be read is named', async () => {
  await expect(inMemory({ 'config.json': {} })).rejects.toThrow(
    'model "a-model" has no tokenizer: it needs tokenizer.json',
  );
  await expect(inMemory({ 'tokenizer.json': '{' })).rejects.toThrow('tokenizer.json of model "a-model" is not JSON');
  await expect(inMemory({ ...older, 'merges.txt': 'Ġ t\nno-pair\n' })).rejects.toThrow('merges.txt: "no-pair"');
  await expect(inMemory({ ...older, 'tokenizer_config.json': { tokenizer_class: 'CLIPTokenizer' } })).rejects.toThrow(
    'tokenizer_class "CLIPTokenizer"; with vocab.json and merges.txt, allowed are GPT2Tokenizer',
  );
  const model = sentencePieceModel('llama');
  const refused = (bytes: Uint8Array, reason: string): Promise<void> =>
    expect(inMemory({ 'tokenizer.model': bytes }, 800)).rejects.toThrow(reason);
  await refused(model.subarray(0, model.length - 1), 'tokenizer.model is damaged');
  await refused(new Uint8Array(0), 'has no pieces');
  // A unigram model of one piece "a".
  await refused(Uint8Array.of(10, 3, 10, 1, 97, 18, 2, 24, 1), 'is a unigram model');
  // A BPE one that does not say how it normalizes: by sentencepiece's defaults, then.
  await refused(Uint8Array.of(10, 3, 10, 1, 97, 18, 2, 24, 2), 'tokenizer.model normalizes text ("nmt_nfkc"');
});
