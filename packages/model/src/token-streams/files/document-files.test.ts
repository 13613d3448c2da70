import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDataSetFolder } from '@monosema/hub';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Document } from '../document-file.ts';
import { documentFiles } from './document-files.ts';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../../fixtures/token-streams/${name}`, import.meta.url));
const { texts, ids } = JSON.parse(await readFile(fixture('stories.json'), 'utf8')) as {
  texts: (string | null)[];
  ids: number[][];
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'monosema-Document Files-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** All documents of a file, read part by part, each from the middle too. */
async function documentsOf(path: string, column?: string): Promise<Document[]> {
  const [file] = documentFiles((await openDataSetFolder(path)).files, { column });
  const open = await file!.open();
  const documents: Document[] = [];
  try {
    for (let part = 0; part < open.parts; part++) {
      const located = [];
      for await (const each of open.read(part, 0)) located.push(each);
      const from = located[Math.floor(located.length / 2)]?.next ?? 0;
      const rest = [];
      for await (const { document } of open.read(part, from)) rest.push(document);
      expect(rest).toEqual(located.slice(Math.floor(located.length / 2) + 1).map(({ document }) => document));
      if (open.count(part) !== null) expect(open.count(part)).toBe(located.length);
      documents.push(...located.map(({ document }) => document));
    }
  } finally {
    await open.close();
  }
  return documents;
}
async function written(name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

test.each([
  'stories-snappy.parquet',
  'stories-zstd.parquet',
  'stories-gzip.parquet',
  'stories-none.parquet',
  'stories-stream.arrow',
  'stories-file.arrow',
])('pyarrow’s %s gives its texts and ids, whatever their type', async (name) => {
  expect(await documentsOf(fixture(name))).toEqual(ids.map((row) => Int32Array.from(row)));
  expect(await documentsOf(fixture(name), 'long_ids')).toEqual(ids.map((row) => Int32Array.from(row)));
  for (const column of ['text', 'large'])
    expect(await documentsOf(fixture(name), column)).toEqual(texts.map((text) => text ?? ''));
  expect((await documentsOf(fixture(name), 'kind')).slice(0, 4)).toEqual(['kind 0', 'kind 1', 'kind 2', 'kind 0']);
  await expect(documentsOf(fixture(name), 'number')).rejects.toThrow(
    /row 0, "number" must be text or a list of token ids/,
  );
  await expect(documentsOf(fixture(name), 'none')).rejects.toThrow(
    'has no column "none"; its columns are text, large, kind',
  );
});

test('plain text is cut at its separators, wherever a megabyte ends', async () => {
  const separator = '<|endoftext|>';
  expect(
    await documentsOf(await written('a.txt', `\ufeffone\n${separator}\n\n${separator} two é\n${separator}`)),
  ).toEqual(['one', 'two é']);
  for (let before = 2 ** 20 - 15; before <= 2 ** 20 + 1; before += 3) {
    const long = 'x'.repeat(before);
    expect(await documentsOf(await written('long.txt', `${long}${separator}é${separator}${long}`))).toEqual([
      long,
      'é',
      long,
    ]);
  }
});

test('JSON lines and arrays hold texts, ids and objects', async () => {
  const lines = [
    '{"id": 1, "text": " a "}',
    '"b"',
    '',
    '[1, 2]',
    '{"text":"x","tokens":[3]}',
    '{"text":null}',
    '{"text":"\u00e9"}',
  ];
  const want = ['a', 'b', Int32Array.of(1, 2), Int32Array.of(3), 'é'];
  expect(await documentsOf(await written('a.jsonl', lines.join('\r\n')))).toEqual(want);
  expect(await documentsOf(await written('a.json', `[${lines.filter(Boolean).join(',')}]`))).toEqual(want);
  expect(await documentsOf(await written('b.jsonl', '{"story":"a","text":"b"}'), 'story')).toEqual(['a']);
});

test.each([
  [
    'a.jsonl',
    '"a"\n{"txt":"a"}\n',
    'a.jsonl, line at byte 4, has none of tokens, input_ids, text, problem; its columns are txt',
  ],
  ['a.jsonl', '"a', 'a.jsonl, line at byte 0, is not JSON'],
  ['a.jsonl', '[1, 2.5]', 'item 1 is 2.5, which is no token id'],
  ['a.jsonl', '[1, "2"]', 'item 1 is 2, which is no token id'],
  ['a.jsonl', '[-1]', 'item 0 is -1, which is no token id'],
  ['a.jsonl', '7', 'must be text or a list of token ids'],
  ['a.json', '{"text":"a"}', 'a.json must be a JSON array'],
  ['a.txt', Buffer.from('café caf\u00e9 na', 'latin1'), 'a.txt is not UTF-8 text: see byte 4'],
  ['a.txt', Buffer.from('\ufeffhello', 'utf16le'), 'a.txt is UTF-16 text'],
  ['a.txt', 'a\0b', 'a.txt has a zero byte at byte 1'],
  ['a.parquet', 'PAR1 but no Parquet file', 'a.parquet cannot be read as Parquet'],
  ['a.arrow', 'ARROW1 but no Arrow file', 'a.arrow'],
  ['a.arrow', '', 'a.arrow is no Arrow file: it does not begin with a schema'],
])('%s %j is refused with its place', async (name, content, message) => {
  const path = await written(name, content);
  await expect(documentsOf(path)).rejects.toMatchObject({
    name: 'DocumentError',
    message: expect.stringContaining(message) as string,
  });
});
test('tables that are cut or changed give errors that name the file', async () => {
  for (const name of ['stories-snappy.parquet', 'stories-stream.arrow', 'stories-file.arrow']) {
    const whole = await readFile(fixture(name));
    let refused = 0;
    for (let i = 0; i < 60; i++) {
      const bytes = Buffer.from(whole.subarray(0, i % 2 === 0 ? Math.floor((whole.length * i) / 60) : whole.length));
      if (i % 2 === 1) for (let k = 0; k < 4; k++) bytes[(i * 7919 + k * 104_729) % bytes.length]! ^= 1 << (i % 8);
      const path = await written(`mutated-${name}`, bytes);
      await documentsOf(path, i % 4 < 2 ? 'text' : 'input_ids').catch((error: unknown) => {
        expect(error, `${name} ${i}`).toMatchObject({ name: 'DocumentError' });
        refused++;
      });
    }
    expect(refused).toBeGreaterThan(20);
  }
});
