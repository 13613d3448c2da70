import { createHash } from 'node:crypto';
import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { importAll, jsonl, ofKind, plansOf } from '../fixtures.fixture.ts';
import { BucketServer } from './bucket-server.fixture.ts';
import { folderFiles, memoryFiles } from './folder-files.ts';
import type { ImportFiles } from './import-files.ts';
import { openFiles, s3Location } from './open-files.ts';
import { parseListPage } from './s3/list-page.ts';
import type { WebSettings } from './web/get.ts';

const settings: WebSettings = { tries: 3, retryDelayMs: 1, stalledAfterMs: 2_000 };
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const row = (index: number) => ({ modelId: 'm', layer: '3-x', index, tokens: ['a'], values: [index] });
const files = Object.fromEntries(
  Array.from({ length: 13 }, (_, i) => [`activations/batch-${i}.jsonl`, jsonl([row(2 * i), row(2 * i + 1)])]),
);

async function bytesOf(from: ImportFiles, path: string): Promise<Buffer> {
  const folder = path.split('/').slice(0, -1).join('/');
  const file = (await from.list(folder)).files.find((each) => each.path === path);
  const pieces: Uint8Array[] = [];
  for await (const piece of from.read(file!)) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('a store like S3', () => {
  let server: BucketServer;
  let bucket: ImportFiles;
  const big = Buffer.alloc(300_000, 'abcdefghij');
  beforeEach(async () => {
    const keys = Object.entries(files).map(([path, bytes]) => [`v1/m/3-x/${path}`, bytes] as const);
    server = await BucketServer.start({
      data: {
        ...Object.fromEntries(keys),
        'v1/m/3-x/big.bin': big,
        'v1/m/3-x/': new Uint8Array(0),
        'v1/m/a b+c/é&<.txt': big,
      },
    });
    bucket = await openFiles('s3://data/v1/', { endpoint: server.endpoint, settings });
  });
  afterEach(() => server.close());

  test('is listed level by level, over all pages, in natural order, whatever its keys hold', async () => {
    expect(await bucket.list('')).toEqual({ files: [], folders: ['m'] });
    expect((await bucket.list('m')).folders).toEqual(['3-x', 'a b+c']);
    expect(await bucket.list('m/3-x')).toEqual({
      files: [{ path: 'm/3-x/big.bin', bytes: big.length, checksum: null }],
      folders: ['activations'],
    });
    expect((await bucket.list('m/3-x/activations')).files.map(({ path }) => path)).toEqual(
      Object.keys(files).map((path) => `m/3-x/${path}`),
    );
    expect((await bucket.list('m/a b+c')).files.map(({ path }) => path)).toEqual(['m/a b+c/é&<.txt']);
    expect((await bytesOf(bucket, 'm/a b+c/é&<.txt')).equals(big)).toBe(true);
    expect(await bucket.list('elsewhere')).toEqual({ files: [], folders: [] });
  });

  test('an import reads every file of it, after a kill only those that are left', async () => {
    const { plan, records } = await importAll(bucket);
    expect(plan).toMatchObject({ modelId: 'm', sourceId: '3-x', folder: 'm/3-x' });
    expect(ofKind(records, 'example').map(({ index }) => index)).toEqual(Array.from({ length: 26 }, (_, i) => i));
    const done = new Set(
      ofKind(records, 'file')
        .slice(0, 12)
        .map(({ file }) => file),
    );
    server.seen.length = 0;
    const rest = await importAll(bucket, { done });
    expect(ofKind(rest.records, 'example').map(({ index }) => index)).toEqual([24, 25]);
    expect(server.seen.filter(({ path }) => path.endsWith('.jsonl')).map(({ path }) => path)).toEqual([
      // Whose source it is.
      '/data/v1/m/3-x/activations/batch-0.jsonl',
      '/data/v1/m/3-x/activations/batch-12.jsonl',
    ]);
  });

  test('a broken connection is taken up where it broke', async () => {
    server.faults.breakAfter = (_, nth) => (nth < 4 ? 70_000 : null);
    expect((await bytesOf(bucket, 'm/3-x/big.bin')).equals(big)).toBe(true);
    const ranges = server.seen.filter(({ path }) => path.endsWith('big.bin')).map(({ range }) => range);
    expect(ranges).toEqual([undefined, 'bytes=70000-', 'bytes=140000-', 'bytes=210000-']);
  });

  test('so is one of a server that starts again from the first byte', async () => {
    server.faults = { breakAfter: (_, nth) => (nth === 1 ? 70_000 : null), ignoreRange: true };
    expect((await bytesOf(bucket, 'm/3-x/big.bin')).equals(big)).toBe(true);
    expect(server.seen.filter(({ path }) => path.endsWith('big.bin'))).toHaveLength(2);
  });

  test('gives up when no more bytes come, and says how far it came', async () => {
    server.faults.breakAfter = (_, nth) => (nth === 1 ? 70_000 : 0);
    await expect(bytesOf(bucket, 'm/3-x/big.bin')).rejects.toThrow(/big\.bin broke off after 70000 of 300000 bytes: /);
    expect(server.seen.filter(({ path }) => path.endsWith('big.bin'))).toHaveLength(4);
  });

  test('notices a file that changes while it is read', async () => {
    server.faults.breakAfter = (_, nth) => (nth === 1 ? 70_000 : null);
    server.faults.tamper = (_, bytes) => {
      server.buckets.data!['v1/m/3-x/big.bin'] = Buffer.alloc(300_000, 'x');
      return bytes;
    };
    await expect(bytesOf(bucket, 'm/3-x/big.bin')).rejects.toThrow('big.bin changed while it was read');
  });

  test('notices bytes that are not those that are stored, where the ETag says so', async () => {
    server.faults.tamper = (_, bytes) => Uint8Array.from(bytes, (byte, i) => (i === 5 ? byte ^ 1 : byte));
    await expect(bytesOf(bucket, 'm/3-x/big.bin')).rejects.toThrow(
      /big\.bin came with the MD5 \w+, and is stored with /,
    );
    server.faults.headers = () => ({ 'x-amz-server-side-encryption': 'aws:kms' });
    expect(await bytesOf(bucket, 'm/3-x/big.bin')).toHaveLength(big.length);
    server.faults.headers = () => ({ etag: '"0123456789abcdef0123456789abcdef-7"' });
    expect(await bytesOf(bucket, 'm/3-x/big.bin')).toHaveLength(big.length);
  });

  test('waits for a busy server, but not for ever', async () => {
    server.faults.status = (_, nth) => (nth < 3 ? 503 : null);
    expect((await bucket.list('')).folders).toEqual(['m']);
    server.faults.status = () => 429;
    await expect(bucket.list('')).rejects.toThrow(`${server.endpoint}/data/ answered 429`);
    const seen = server.seen.length;
    await expect(
      openFiles('s3://data', { endpoint: server.endpoint, settings }).then((each) => each.list('')),
    ).rejects.toThrow();
    expect(server.seen.length - seen).toBe(settings.tries);
  });

  test('gives up a connection on which nothing comes', async () => {
    const hasty = { ...settings, tries: 2, stalledAfterMs: 50 };
    const hastily = await openFiles('s3://data/v1', { endpoint: server.endpoint, settings: hasty });
    server.faults.silent = () => true;
    await expect(hastily.list('')).rejects.toThrow('/data/ does not answer: no byte came for 0.05 s');
    expect(server.seen).toHaveLength(2);
  });

  test('says what it refuses', async () => {
    const [missing, none] = await Promise.all([
      openFiles('s3://nowhere', { endpoint: server.endpoint, settings }),
      openFiles(`${server.endpoint}/data/v1/m/3-x/none.json`, { settings }),
    ]);
    await expect(missing.list('')).rejects.toThrow(
      `${server.endpoint}/nowhere/ can't be listed: status 404, NoSuchBucket`,
    );
    await expect(plansOf(none)).rejects.toThrow('none.json is refused with status 404: there is no such file');
    server.faults.status = () => 403;
    await expect(bytesOf(oneOf(bucket), 'm/3-x/big.bin')).rejects.toThrow(
      '403: it is not public, and needs credentials',
    );
  });

  test('is asked with a signature where there are credentials, and without elsewhere', async () => {
    const secret = { accessKeyId: 'key', secretAccessKey: 'never to be seen' };
    const signed = await openFiles('s3://data/v1', { endpoint: server.endpoint, settings, credentials: secret });
    await signed.list('');
    expect(server.seen.at(-1)!.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=key\//);
    await bucket.list('');
    expect(server.seen.at(-1)!.authorization).toBeUndefined();
    server.faults.status = () => 403;
    await expect(signed.list('')).rejects.toThrow(/^(?!.*never to be seen)/);
  });

  test('is recognised behind a plain address', async () => {
    const found = await openFiles(`${server.endpoint}/data/v1/m`, { settings });
    expect((await plansOf(found)).map(({ folder }) => folder)).toEqual(['3-x']);
    await expect(openFiles(`${server.endpoint}/elsewhere/x/`, { settings })).rejects.toThrow(
      "/elsewhere/x/ can't be listed: it is no bucket, and has no manifest.json",
    );
  });
});

/** The same files, already listed. */
const oneOf = (from: ImportFiles): ImportFiles => ({
  ...from,
  list: () => Promise.resolve({ files: [{ path: 'm/3-x/big.bin', bytes: null, checksum: null }], folders: [] }),
});

test.each([
  ['s3://b/v1/m/', { bucket: 'b', prefix: 'v1/m' }],
  ['s3://b', { bucket: 'b', prefix: '' }],
  [
    'https://neuronpedia-datasets.s3.us-east-1.amazonaws.com/index.html?prefix=v1/gpt2-small/',
    { bucket: 'neuronpedia-datasets', prefix: 'v1/gpt2-small', region: 'us-east-1' },
  ],
  ['https://neuronpedia-datasets.s3.amazonaws.com/v1/m', { bucket: 'neuronpedia-datasets', prefix: 'v1/m' }],
  [
    'https://s3.eu-west-1.amazonaws.com/my.bucket/v1/a%20b',
    { bucket: 'my.bucket', prefix: 'v1/a b', region: 'eu-west-1' },
  ],
  ['https://example.org/v1', null],
  ['/data/v1', null],
])('the bucket that %s names', (reference, expected) => {
  expect(s3Location(reference)).toEqual(expected);
});

test('a list that is no list, or cut off, is refused', () => {
  expect(() => parseListPage('<html>')).toThrow('the answer is no list of a bucket');
  expect(() => parseListPage('<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>')).toThrow(
    'cut off',
  );
  expect(() =>
    parseListPage('<ListBucketResult><Contents><Key>a</Key><Size>x</Size></Contents></ListBucketResult>'),
  ).toThrow('malformed');
  const { objects } = parseListPage(
    '<ListBucketResult><Contents><Key>a&#x26;b&amp;c%20</Key><Size>1</Size></Contents></ListBucketResult>',
  );
  expect(objects).toEqual([{ key: 'a&b&c%20', bytes: 1, etag: null }]);
});

describe('a folder with a manifest', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'monosema-exchange-'));
    await mkdir(join(root, 'm/3-x/activations'), { recursive: true });
    for (const [path, bytes] of Object.entries(files)) await writeFile(join(root, 'm/3-x', path), bytes);
    const listed = Object.entries(files).map(([path, bytes]) => ({
      path: `m/3-x/${path}`,
      bytes: bytes.length,
      sha256: sha256(bytes),
    }));
    await writeFile(
      join(root, 'manifest.json'),
      JSON.stringify({ format: 'monosema-exchange', version: 1, files: listed }),
    );
  });
  afterEach(() => rm(root, { recursive: true }));

  test('is checked against it on disk', async () => {
    expect(ofKind((await importAll(await folderFiles(root))).records, 'example')).toHaveLength(26);
    await writeFile(join(root, 'm/3-x/activations/batch-3.jsonl'), jsonl([row(6), row(8)]));
    await expect(importAll(await folderFiles(root))).rejects.toThrow(
      /batch-3\.jsonl: its sha256 is \w+, and should be /,
    );
  });

  test('is listed by it on a plain web server', async () => {
    const served: Record<string, Uint8Array> = {};
    for (const [path, bytes] of Object.entries(files)) served[`m/3-x/${path}`] = bytes;
    served['manifest.json'] = await bytesOf(await folderFiles(root), 'manifest.json');
    const server = await BucketServer.start({ site: served });
    try {
      const site = await openFiles(`${server.endpoint}/site`, { settings });
      expect(ofKind((await importAll(site)).records, 'example')).toHaveLength(26);
      expect(server.seen.some(({ query }) => query.has('list-type'))).toBe(false);
      server.faults.tamper = (_, bytes) => bytes.subarray(1);
      await expect(importAll(site)).rejects.toThrow(/broke off|should be|no JSON/);
    } finally {
      await server.close();
    }
  });

  test('a manifest that leads elsewhere is refused', async () => {
    const bad = {
      format: 'monosema-exchange',
      version: 1,
      files: [{ path: '../x', bytes: 1, sha256: '0'.repeat(64) }],
    };
    await writeFile(join(root, 'manifest.json'), JSON.stringify(bad));
    await expect(folderFiles(root)).rejects.toThrow('manifest.json is none of ours');
  });

  test('follows links; a folder that is not there is an error, one within is empty', async () => {
    await rm(join(root, 'manifest.json'));
    await symlink(join(root, 'm'), join(root, 'linked'));
    const linked = await folderFiles(root);
    expect((await linked.list('')).folders).toEqual(['linked', 'm']);
    expect(await linked.list('none')).toEqual({ files: [], folders: [] });
    await expect(folderFiles(join(root, 'none'))).rejects.toThrow('ENOENT');
  });
});

test('files in memory are listed by level', async () => {
  const memory = memoryFiles('made up', {
    'a/10.txt': new Uint8Array(1),
    'a/9.txt': new Uint8Array(2),
    'b.txt': new Uint8Array(3),
  });
  expect(await memory.list('')).toEqual({ files: [{ path: 'b.txt', bytes: 3, checksum: null }], folders: ['a'] });
  expect((await memory.list('a')).files.map(({ path }) => path)).toEqual(['a/9.txt', 'a/10.txt']);
});
