import { searchDocumentSchema, Vocabulary } from '@monosema/catalog';
import { expect, test } from 'vitest';
import { searchDocument } from './search-document.ts';

const pieces = [' dog', 'dog', ' Tim', '\n', ' é'].map((text) => new TextEncoder().encode(text));
const vocabulary = new Vocabulary([...pieces, Uint8Array.of(0xe2)]);
const tokens = (...ids: number[]): { token: number; value: number }[] => ids.map((token) => ({ token, value: 1 }));

test('tokens become words, in order, each once', () => {
  const address = { modelId: 'stories-260k', sourceId: '2-res-tk', index: 7 };
  const record = { topTokens: tokens(0, 1, 3, 2), topLogits: tokens(5, 4), density: 0.01, score: 0.5 };
  const document = searchDocument(record, vocabulary, address, ['dogs of Tim']);
  expect(document).toEqual({
    ...address,
    labels: ['dogs of Tim'],
    topTokens: ['dog', 'Tim'],
    topLogits: ['é'],
    density: 0.01,
    score: 0.5,
  });
  searchDocumentSchema.parse(document);
});

test('a token of a control byte, as NUL, is no word', () => {
  const bytes = new Vocabulary([Uint8Array.of(0), new TextEncoder().encode('dog')]);
  const record = { topTokens: tokens(0, 1), topLogits: tokens(0), density: 0.01, score: 0.5 };
  const document = searchDocument(record, bytes, { modelId: 'stories-260k', sourceId: '2-res-tk', index: 7 });
  expect(document).toMatchObject({ topTokens: ['dog'], topLogits: [] });
});
