import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { modelFolder, openDataSet } from '@monosema/sample-data';
import { expect, test } from 'vitest';
import { huggingFaceGolden, storiesGolden } from '../golden.fixture.ts';
import { openTokenizer } from './tokenizer.ts';

const json = (name: string): unknown => JSON.parse(readFileSync(`${modelFolder('stories-260k')}/${name}`, 'utf8'));
const files = { tokenizer: json('tokenizer.json'), config: json('tokenizer_config.json'), size: 512 };
const tokenizer = openTokenizer(files);

test.each([...storiesGolden.cases, ...huggingFaceGolden.tokenized])(
  '$text becomes its published ids',
  ({ text, ids }) => {
    expect(tokenizer.encode(text)).toEqual(ids);
  },
);

test('a million tokens of stories are those of the Python tokenizers', async () => {
  const { count, sha256 } = huggingFaceGolden.stories;
  const ids = (await openDataSet('tinystories'))
    .documents('train')
    .flatMap((story) => tokenizer.encode(story, { bos: false }));
  expect(ids.length).toBe(count);
  expect(createHash('sha256').update(Int32Array.from(ids)).digest('hex')).toBe(sha256);
});

test('the published text decodes', () => {
  expect(tokenizer.decode(storiesGolden.greedy_ids)).toBe(storiesGolden.expected_greedy_text);
  expect(tokenizer.decode([])).toBe('');
});

test('texts of tokens join to the exact text', () => {
  for (const text of ['naïve café\n👩‍🚀', ' two  spaces']) {
    const ids = tokenizer.encode(text, { bos: false });
    expect(tokenizer.vocabulary.textsOf(ids).join('')).toBe(` ${text}`);
  }
  expect(tokenizer.vocabulary.size).toBe(512);
  expect(tokenizer.vocabulary.pieces[13]).toEqual(Uint8Array.of(10));
  expect(tokenizer.vocabulary.textsOf([1, 403])).toEqual(['<s>', ' Once']);
});

test('BOS stands once, and only where it is wanted', () => {
  expect(tokenizer).toMatchObject({ bos: 1, eos: 2, specialTokens: [0, 1, 2] });
  expect(tokenizer.encode('Once', { bos: false })).toEqual([403]);
  expect(tokenizer.encode('<s>Once')).toEqual([1, 403]);
  expect(openTokenizer({ ...files, bos: null, config: {} }).encode('Once')).toEqual([403]);
});

test('ids beyond the tokenizer get a placeholder, and ids beyond the model are refused', () => {
  expect(openTokenizer({ ...files, size: 514 }).vocabulary.textOf(513)).toBe('<|unused 513|>');
  expect(() => openTokenizer({ ...files, size: 500 })).toThrow('the model knows only 500 tokens');
});

test('byte-level pieces are spelled back to bytes', () => {
  const byteLevel = {
    added_tokens: [{ id: 3, content: '<|endoftext|>', special: true }],
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel' },
    model: { type: 'BPE', vocab: { Ġthe: 0, 'Ã©': 1, Ċ: 2, '<|endoftext|>': 3 }, merges: [] },
  };
  const { vocabulary } = openTokenizer({ tokenizer: byteLevel, size: 4 });
  expect(vocabulary.textsOf([0, 1, 2, 3])).toEqual([' the', 'é', '\n', '<|endoftext|>']);
});
