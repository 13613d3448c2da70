import { expect, test } from 'vitest';
import { firstInvalidByte } from './decode-utf8.ts';
import { openDataSet, parseTextDocuments, readTextDocuments } from './index.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('plain text is cut at its separators', () => {
  expect(parseTextDocuments(bytes('\ufeffone\n<|endoftext|>\n\ntwo é\n<|endoftext|>\n'), 'a.txt')).toEqual([
    'one',
    'two é',
  ]);
});

test('JSON arrays and JSON lines are read', () => {
  expect(parseTextDocuments(bytes('["a", " b "]'), 'a.json')).toEqual(['a', 'b']);
  expect(parseTextDocuments(bytes('{"text":"a","id":1}\n\n"b"\n'), 'a.jsonl')).toEqual(['a', 'b']);
});

test.each([
  ['a.json', '{"text": "a"}', 'a.json must be a JSON array of strings'],
  ['a.json', '["a", 2]', 'a.json: item 1 must be a string'],
  ['a.jsonl', '"a"\n{"txt":"a"}', 'a.jsonl, line 2 must be a string or an object with a "text" field'],
  ['a.jsonl', '"a', 'a.jsonl, line 1 is not JSON'],
])('%s %s is refused', (name, text, message) => {
  expect(() => parseTextDocuments(bytes(text), name)).toThrow(message);
});

test('another encoding is refused with the place', () => {
  const latin1 = Uint8Array.from(Buffer.from('naïve café', 'latin1'));
  expect(() => parseTextDocuments(latin1, 'old.txt')).toThrow(
    'old.txt is not UTF-8 text: byte 0xef at byte 2; save it as UTF-8',
  );
  const wide = Uint8Array.from(Buffer.from('\ufeffhello', 'utf16le'));
  expect(() => parseTextDocuments(wide, 'wide.txt')).toThrow('wide.txt is UTF-16 text');
  expect(() => parseTextDocuments(wide.subarray(2), 'wide.txt')).toThrow('zero byte at byte 1');
});

test('the offset is that of the first bad sequence', () => {
  for (const bad of [
    [0x80],
    [0xc0, 0xaf],
    [0xe0, 0x80, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xf5],
    [0xe2, 0x82],
  ]) {
    const text = Uint8Array.from([...bytes('aé€😀'), ...bad, 0x61]);
    expect(() => new TextDecoder('utf-8', { fatal: true }).decode(text)).toThrow();
    expect(firstInvalidByte(text)).toBe(10);
  }
  expect(firstInvalidByte(bytes('aé€😀'))).toBe(-1);
});

test('a missing file says so', async () => {
  await expect(readTextDocuments('/no/such/file.txt')).rejects.toThrow('/no/such/file.txt: there is no such file');
});

test('the bundled stories are documents', async () => {
  const stories = await openDataSet('tinystories');
  expect(stories).toMatchObject({ licence: 'CDLA-Sharing-1.0' });
  expect(stories.documents('train').length).toBe(2317);
  expect(stories.documents('heldOut').length).toBe(714);
  for (const text of stories.documents('train')) expect(text).not.toMatch(/<\|endoftext\|>|^\s|\s$/);
  await expect(openDataSet('pile')).rejects.toThrow('no data set "pile"; there is tinystories');
});
