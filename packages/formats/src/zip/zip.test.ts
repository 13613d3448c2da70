import { expect, test } from 'vitest';
import { bytesSource } from '../byte-source.ts';
import { FormatError } from '../format-error.ts';
import { makeZip, type MadeEntry } from './make-zip.fixture.ts';
import { openZip } from './read.ts';

const hello: MadeEntry = { name: 'a/hello', bytes: Buffer.from('hello') };
const zeros: MadeEntry = { name: 'a/zeros', bytes: new Uint8Array(100_000), deflated: true };
const open = (entries: readonly MadeEntry[], options = {}): ReturnType<typeof openZip> =>
  openZip(bytesSource(makeZip(entries, options)));

test.each([{}, { zip64: true }, { comment: 'PK\x05\x06 is how the last record begins' }])(
  'entries are read, stored and deflated: %o',
  async (options) => {
    const zip = await open([hello, zeros], options);
    expect([...zip.entries.keys()]).toEqual(['a/hello', 'a/zeros']);
    expect(Buffer.from(await zip.read('a/hello')).toString()).toBe('hello');
    expect(Buffer.from(await zip.read('a/hello', 1, 3)).toString()).toBe('el');
    expect(Buffer.from(await zip.read('a/zeros')).equals(Buffer.alloc(100_000))).toBe(true);
    await expect(zip.read('a/hello', 3, 6)).rejects.toThrow('entry "a/hello" has 5 bytes, asked for were 3 to 6');
    await expect(zip.read('a')).rejects.toThrow('no entry "a"');
  },
);

const hostile: [string, readonly MadeEntry[], string][] = [
  ['a name twice', [hello, hello], 'entry "a/hello" stands twice'],
  ['two entries in one place', [hello, { ...hello, name: 'b', lie: { offset: 0 } }], 'two entries begin at byte 0'],
  [
    'overlapping entries',
    [{ ...hello, lie: { packedSize: 60, size: 60 } }, zeros],
    'entry "a/hello" reaches into what follows it',
  ],
  ['an entry behind the end', [{ ...hello, lie: { offset: 2 ** 31 } }], 'reaches into what follows it'],
  ['an encrypted entry', [{ ...hello, lie: { flags: 1 } }], 'entry "a/hello" is encrypted'],
  ['another method', [{ ...hello, lie: { method: 12 } }], 'packed by method 12'],
  ['two sizes', [{ ...hello, lie: { size: 1000 } }], 'has two sizes, 5 and 1000'],
];
test.each(hostile)('%s is refused', async (_what, entries, message) => {
  await expect(open(entries)).rejects.toThrow(FormatError);
  await expect(open(entries)).rejects.toThrow(message);
});

test('an entry that unpacks to more than it says is not unpacked to the end', async () => {
  const zip = await open([{ ...zeros, lie: { size: 10 } }]);
  await expect(zip.read('a/zeros')).rejects.toThrow(FormatError);
  await expect(zip.read('a/zeros')).rejects.toThrow('cannot be unpacked');
});

test('the start of a deflated entry is read without the rest', async () => {
  const bytes = new Uint8Array(20_000_000).fill(7);
  const archive = makeZip([{ name: 'a/sevens', bytes, deflated: true }]);
  const source = bytesSource(archive);
  let read = 0;
  const zip = await openZip({ ...source, read: (begin, end) => ((read += end - begin), source.read(begin, end)) });
  read = 0;
  expect(await zip.read('a/sevens', 10, 14)).toEqual(Uint8Array.of(7, 7, 7, 7));
  expect(read).toBeLessThan(5000);
});

test('an entry whose own header has another name is refused', async () => {
  const zip = await open([{ ...hello, lie: { name: 'b/hello' } }]);
  await expect(zip.read('b/hello')).rejects.toThrow('another name in its own header');
});

test('what is no archive is refused', async () => {
  await expect(openZip(bytesSource(new Uint8Array(10)))).rejects.toThrow('no directory at its end');
  await expect(openZip(bytesSource(makeZip([hello]).subarray(0, -1)))).rejects.toThrow('no directory at its end');
});
