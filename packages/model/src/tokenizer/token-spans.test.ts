import { expect, test } from 'vitest';
import { readTokenizer } from './read-tokenizer.ts';
import { tokenSpans } from './token-spans.ts';
import {
  folderOf,
  gpt2Merges,
  gpt2Vocabulary,
  sentencePieceModel,
  tokenizerGolden,
} from './tokenizer-golden.fixture.ts';

const byteLevel = { 'vocab.json': gpt2Vocabulary(), 'merges.txt': gpt2Merges };
const gpt2 = await readTokenizer(folderOf(byteLevel), { size: 50257 });
const qwen2 = await readTokenizer(
  folderOf({ ...byteLevel, 'tokenizer_config.json': { tokenizer_class: 'Qwen2Tokenizer' } }),
  { size: 50257 },
);
const llama = await readTokenizer(folderOf({ 'tokenizer.model': sentencePieceModel('llama') }), { size: 800 });

/** The text of each token, by its span. */
const parts = (tokenizer: typeof gpt2, text: string, bos = false): string[] =>
  tokenSpans(tokenizer, text, tokenizer.encode(text, { bos })).map(({ start, end }) => text.slice(start, end));

test('byte spans of byte-level tokens lie end to end and hold the bytes of the tokens', () => {
  for (const { text, ids } of tokenizerGolden.gpt2) {
    const bytes = new TextEncoder().encode(text);
    let at = 0;
    for (const [i, { byteStart, byteEnd }] of tokenSpans(gpt2, text, ids).entries()) {
      expect(byteStart).toBe(at);
      expect(bytes.subarray(byteStart, byteEnd)).toEqual(gpt2.vocabulary.pieces[ids[i]!]);
      at = byteEnd;
    }
    expect(at).toBe(bytes.length);
  }
});

test('a token with a part of a character has the place of the whole one, in UTF-16 units', () => {
  expect(parts(gpt2, 'é 日')).toEqual(['é', ' 日', '日', '日']);
  expect(tokenSpans(gpt2, '🙂!', gpt2.encode('🙂!', { bos: false }))).toEqual([
    { start: 0, end: 2, byteStart: 0, byteEnd: 2 },
    { start: 0, end: 2, byteStart: 2, byteEnd: 4 },
    { start: 2, end: 3, byteStart: 4, byteEnd: 5 },
  ]);
});

test('BOS in front is not in the text, a special token of the text is', () => {
  expect(parts(gpt2, 'a<|endoftext|>b', true)).toEqual(['', 'a', '<|endoftext|>', 'b']);
  expect(parts(gpt2, '<|endoftext|>b', true)).toEqual(['<|endoftext|>', 'b']);
  expect(parts(llama, '<s>Once</s> ', true)).toEqual(['<s>', 'Once', '</s>', '', ' ']);
});

test('the space that sentencepiece puts in front is not in the text, the others are', () => {
  expect(parts(llama, 'Once upon', true)).toEqual(['', 'Once', ' upon']);
  expect(parts(llama, '  Once').join('|')).toBe('| | Once');
  expect(parts(llama, 'a▁b é').join('|')).toBe('a|▁b| |é|é');
});

test('composed characters have the place of all that was composed', () => {
  const text = 'e\u0301 \u1112\u1161\u11ab a\u0323\u0301.';
  expect(parts(qwen2, text)).toEqual([
    'e\u0301',
    ' ',
    '\u1112\u1161\u11ab',
    '\u1112\u1161\u11ab',
    ' a\u0323\u0301',
    'a\u0323\u0301',
    'a\u0323\u0301',
    'a\u0323\u0301',
    'a\u0323\u0301',
    '.',
  ]);
});

test('what no token stands for belongs to the unknown token', async () => {
  const files = {
    added_tokens: [{ id: 0, content: '<unk>', special: true }],
    decoder: null,
    model: { type: 'BPE', vocab: { '<unk>': 0, a: 1, b: 2 }, merges: [], unk_token: '<unk>', fuse_unk: true },
  };
  const tiny = await readTokenizer(folderOf({ 'tokenizer.json': files }), { size: 3 });
  expect(tiny.encode('aβγb')).toEqual([1, 0, 2]);
  expect(parts(tiny, 'aβγb')).toEqual(['a', 'βγ', 'b']);
});

test('an unknown id is refused', () => {
  expect(() => tokenSpans(llama, 'a', [800])).toThrow('token id 800 is not in the vocabulary of 800');
});
