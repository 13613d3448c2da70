import { expect, test } from 'vitest';
import { digitTokenizer } from './digits.fixture.ts';
import { listedDocuments, type Document, type DocumentFile } from './document-file.ts';
import { tokenStream, type StreamPosition, type TokenStreamOptions } from './token-stream.ts';

const tokenizer = digitTokenizer();
type Options = Partial<TokenStreamOptions>;
const streamOf = (documents: TokenStreamOptions['documents'], options: Options = {}): ReturnType<typeof tokenStream> =>
  tokenStream({ tokenizer, documents, contextSize: 4, ...options });
async function all(documents: TokenStreamOptions['documents'], options?: Options): Promise<string[]> {
  const rows = [];
  for await (const row of streamOf(documents, options)) rows.push(row.join(' '));
  return rows;
}

/** Texts and ids of many lengths; the contexts of a text tell where it came from. */
const texts = Array.from({ length: 60 }, (_, i) => String(i + 11).repeat((i * 7) % 13));
const rowsOfIds = Array.from({ length: 50 }, (_, i) => Int32Array.of(0, i, i, i, i));
/** A file with parts of `size` documents that counts how many it read. */
function partedFile(documents: readonly Document[], size: number, seen: { read: number }): DocumentFile {
  const open = async (): ReturnType<DocumentFile['open']> => ({
    parts: Math.ceil(documents.length / size),
    holdsIds: typeof documents[0] !== 'string',
    count: (part) => Math.min(size, documents.length - part * size),
    async *read(part, at) {
      const end = Math.min(documents.length, (part + 1) * size);
      for (let i = part * size + at; i < end; i++) {
        seen.read++;
        yield { document: documents[i]!, next: i + 1 - part * size };
      }
    },
    close: async () => undefined,
  });
  return { name: `documents from ${String(documents[0])}`, open };
}

test('recipe 17: documents are packed as SAELens packs them', async () => {
  expect(await all(['123', '4', '5678'])).toEqual(['0 1 2 3', '0 4 0 5', '0 6 7 8']);
  expect(await all(['123', '4', '5678'], { bos: false, separator: null })).toEqual(['1 2 3 4', '5 6 7 8']);
  expect(await all(['123', '4', '56789'], { concatenate: false })).toEqual(['0 1 2 3', '0 5 6 7']);
  expect(await all(['12', '34'], { beginDocument: 9, separator: 8, contextSize: 8 })).toEqual(['0 9 1 2 8 9 3 4']);
});

test('rows of ids are contexts, cut to size, or documents', async () => {
  expect(await all([Int32Array.of(0, 1, 2, 3, 4), Int32Array.of(5, 6, 7, 8)])).toEqual(['0 1 2 3', '5 6 7 8']);
  expect(await all([Int32Array.of(1, 2), Int32Array.of(3)], { idRows: 'documents', contextSize: 5 })).toEqual([
    '0 1 2 0 3',
  ]);
  await expect(all([Int32Array.of(0, 1, 2, 3), Int32Array.of(1)])).rejects.toThrow(
    'documents, part 1, at 0 has 1 tokens, fewer than the contextSize of 4',
  );
  await expect(all([Int32Array.of(0, 1, 400, 3)])).rejects.toThrow('token 2 is 400, but the model has ids 0 to 399');
});

test('a seed decides the order, each epoch has its own, and nothing is lost', async () => {
  const plain = await all(rowsOfIds);
  const mixed = await all(rowsOfIds, { shuffle: { seed: 3, window: 7 } });
  expect(mixed).not.toEqual(plain);
  expect([...mixed].sort()).toEqual([...plain].sort());
  expect(await all(rowsOfIds, { shuffle: { seed: 3, window: 7 } })).toEqual(mixed);
  expect(await all(rowsOfIds, { shuffle: { seed: 4, window: 7 } })).not.toEqual(mixed);
  const twice = await all(rowsOfIds, { shuffle: { seed: 3, window: 7 }, epochs: 2 });
  expect(twice.slice(0, 50)).toEqual(mixed);
  expect(twice.slice(50)).not.toEqual(mixed);
  expect(twice.slice(50).sort()).toEqual([...plain].sort());
});

test('an order is the same on every machine', async () => {
  expect(await all(rowsOfIds.slice(0, 9), { shuffle: { seed: 1, window: 4 } })).toMatchInlineSnapshot(`
    [
      "0 0 0 0",
      "0 6 6 6",
      "0 7 7 7",
      "0 3 3 3",
      "0 2 2 2",
      "0 8 8 8",
      "0 4 4 4",
      "0 5 5 5",
      "0 1 1 1",
    ]
  `);
});

const files = (seen = { read: 0 }): DocumentFile[] => [
  partedFile(texts.slice(0, 25), 4, seen),
  listedDocuments(texts.slice(25, 30)),
  partedFile(texts.slice(30), 7, seen),
];
const cases: [string, () => TokenStreamOptions['documents'], Options][] = [
  ['text in order', () => texts, {}],
  ['text in files, two epochs', files, { epochs: 2 }],
  ['text mixed', files, { shuffle: { seed: 5, window: 16 }, epochs: 2 }],
  ['text by document', files, { concatenate: false, shuffle: { seed: 5, window: 3 } }],
  ['rows of ids mixed', () => [partedFile(rowsOfIds, 8, { read: 0 })], { shuffle: { seed: 2, window: 6 }, epochs: 3 }],
];

test.each(cases)(
  '%s: a position resumes anywhere, and skip passes over what next would give',
  async (_, documents, options) => {
    const whole = await all(documents(), options);
    const stream = streamOf(documents(), options);
    for (let given = 0; given <= whole.length; given++) {
      const from = JSON.parse(JSON.stringify(stream.position)) as StreamPosition;
      expect(from.contexts).toBe(given);
      if (given % 5 === 0 || given > whole.length - 3)
        expect(await all(documents(), { ...options, from })).toEqual(whole.slice(given));
      if (given % 7 === 0) {
        const later = streamOf(documents(), { ...options, from });
        expect(await later.skip(9)).toBe(Math.min(9, whole.length - given));
        expect((await later.next())?.join(' ')).toEqual(whole[given + 9]);
        const fromThere = await all(documents(), { ...options, from: later.position });
        expect(fromThere).toEqual(whole.slice(given + 10));
      }
      expect((await stream.next())?.join(' ')).toEqual(whole[given]);
    }
    const skipped = streamOf(documents(), options);
    expect(await skipped.skip(whole.length + 5)).toBe(whole.length);
  },
);

test('rows of known number are not read to pass over them, and text is read from the mark on', async () => {
  const seen = { read: 0 };
  const ids = streamOf([partedFile(rowsOfIds, 8, seen)]);
  await ids.skip(43);
  expect((await ids.next())!.join(' ')).toBe('0 43 43 43');
  expect(seen.read).toBe(1);
  const mixed = streamOf([partedFile(rowsOfIds, 8, seen)], { shuffle: { seed: 1, window: 10 } });
  await mixed.skip(41);
  expect(seen.read).toBeLessThanOrEqual(11);

  const stream = streamOf([partedFile(texts, 10, seen)]);
  await stream.skip(40);
  const { position } = stream;
  seen.read = 0;
  await streamOf([partedFile(texts, 10, seen)], { from: position }).next();
  expect(seen.read).toBeLessThanOrEqual(3);
});

test('a stream that was left goes on, and wrong options are named', async () => {
  const stream = streamOf(texts);
  const first: string[] = [];
  for await (const row of stream) if (first.push(row.join(' ')) === 5) break;
  for await (const row of stream) first.push(row.join(' '));
  expect(first).toEqual(await all(texts));
  expect(() => streamOf(texts, { from: stream.position, contextSize: 8 })).toThrow(
    'from is of a stream with other options',
  );
  expect(() => streamOf(texts, { shuffle: { seed: 1, window: 0 } })).toThrow('shuffle.window is 0');
  expect(() => streamOf(texts, { shuffle: { seed: 0.5 } })).toThrow('shuffle.seed is 0.5');
  expect(() => streamOf(texts, { epochs: -1 })).toThrow('epochs is -1');
  expect(() => streamOf(texts, { contextSize: 1 })).toThrow('contextSize is 1');
});

test('documents that fill nothing do not turn for ever', async () => {
  expect(await all([])).toEqual([]);
  await expect(all(['1'], { epochs: Infinity })).rejects.toThrow('the documents do not fill one context');
});
