import { mkdtemp, readdir, readFile, readlink, rm, stat, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HubServer } from './hub-server.fixture.ts';
import { commit, config, layoutOf, tinyRepository, weights } from './tiny-repository.fixture.ts';
import { openRepository, type DownloadProgress, type HubOptions, type Repository } from './index.ts';

let cache: string;
let server: HubServer;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'monosema-Hub Cache-'));
  const { files, refs } = tinyRepository;
  server = await HubServer.start({
    'owner/tiny': { ...tinyRepository },
    'owner/private': { files, refs, access: 'private' },
    'owner/gated': { files, refs, access: 'gated' },
    'owner/old': { files: {}, refs: {}, movedTo: 'owner/tiny' },
    'datasets/owner/stories': { files: { 'data/train.jsonl': config }, refs },
  });
});
afterEach(async () => {
  await server.close();
  await rm(cache, { recursive: true });
});

const hub = (more: Partial<HubOptions['hub']> = {}): HubOptions['hub'] => ({
  endpoint: server.endpoint,
  cache,
  token: null,
  tokenFile: null,
  offline: false,
  retryDelayMs: 1,
  ...more,
});
const open = (name: string, options: HubOptions & { revision?: string } = {}): Promise<Repository> =>
  openRepository({ kind: 'model', name, revision: options.revision ?? 'main' }, { hub: hub(), ...options });
const folder = (): string => join(cache, 'models--owner--tiny');

test('a file comes into the layout of the standard cache, and comes once', async () => {
  const progress: DownloadProgress[] = [];
  const repository = await open('owner/tiny', { onProgress: (each) => progress.push(each) });
  expect(repository).toMatchObject({ commit, licence: 'mit', path: join(folder(), 'snapshots', commit) });
  expect(repository.files.map(({ path }) => path)).toEqual([
    'config.json',
    'model.safetensors',
    'folder/notes é.txt',
    'README.md',
  ]);
  const path = await repository.fetch('model.safetensors');
  expect((await readFile(path)).equals(weights)).toBe(true);
  expect(progress.at(-1)).toEqual({
    repository: 'owner/tiny',
    file: 'model.safetensors',
    received: 300_000,
    size: 300_000,
  });
  const { etag } = repository.files[1]!;
  expect(await readlink(path)).toBe(`../../blobs/${etag}`);
  expect(await readFile(join(folder(), 'refs/main'), 'utf8')).toBe(commit);
  expect(await readlink(await repository.fetch('folder/notes é.txt'))).toMatch(
    /^\.\.\/\.\.\/\.\.\/blobs\/[0-9a-f]{40}$/,
  );
  expect((await readdir(join(folder(), 'blobs'))).every((name) => /^[0-9a-f]{40,64}$/.test(name))).toBe(true);
  const before = server.seen.length;
  await repository.fetch('model.safetensors');
  expect(server.seen.length).toBe(before);
});

test('the cache is the one that huggingface_hub makes (fixtures/python-cache.json)', async () => {
  const golden = JSON.parse(await readFile(new URL('../fixtures/python-cache.json', import.meta.url), 'utf8')) as {
    layout: Record<string, string | number>;
  };
  const repository = await open('owner/tiny');
  for (const { path } of repository.files) await repository.fetch(path);
  expect(await layoutOf(cache)).toEqual(golden.layout);
});

test('a pinned commit that is cached needs no network, nor does offline', async () => {
  await (await open('owner/tiny')).fetch('config.json');
  server.seen.length = 0;
  expect(await (await open('owner/tiny', { revision: commit })).fetch('config.json')).toContain(commit);
  const offline = await open('owner/tiny', { hub: hub({ offline: true }) });
  await offline.fetch('config.json');
  await expect(offline.fetch('model.safetensors')).rejects.toThrow(
    'its model.safetensors of model owner/tiny is not in the cache, and HF_HUB_OFFLINE forbids',
  );
  await expect(open('owner/other', { hub: hub({ offline: true }) })).rejects.toThrow(
    'revision "main" of model owner/other',
  );
  expect(server.seen).toEqual([]);
});

test('a hub that cannot be reached is answered for by the cache', async () => {
  await (await open('owner/tiny')).fetch('config.json');
  server.faults.status = () => 503;
  await (await open('owner/tiny')).fetch('config.json');
  await expect(open('owner/tiny', { revision: 'v1' })).rejects.toThrow(
    /gives no answer about model owner\/tiny: status 503/,
  );
});

test('a broken connection goes on where it broke', async () => {
  server.faults.breakAfter = ({ host }) => (host === 'files' ? 100_000 : null);
  const path = await (await open('owner/tiny')).fetch('model.safetensors');
  expect((await readFile(path)).equals(weights)).toBe(true);
  const ranges = server.seen.filter(({ host }) => host === 'files').map(({ range }) => range);
  expect(ranges[0]).toBeUndefined();
  expect(ranges[1]).toBe('bytes=100000-299999');
});

test('what an earlier process left is gone on with, whether or not the server knows ranges', async () => {
  const repository = await open('owner/tiny');
  const { etag } = repository.files[1]!;
  const incomplete = join(folder(), 'blobs', `${etag}.incomplete`);
  await mkdir(join(folder(), 'blobs'), { recursive: true });
  await writeFile(incomplete, weights.subarray(0, 250_000));
  server.faults.ignoreRange = true;
  const path = await repository.fetch('model.safetensors');
  expect((await readFile(path)).equals(weights)).toBe(true);
  expect(server.seen.at(-1)).toMatchObject({ host: 'files', range: 'bytes=250000-299999' });

  await rm(path);
  await rm(join(folder(), 'blobs', etag));
  await writeFile(incomplete, new Uint8Array(250_000).fill(1)); // not of this file at all
  server.faults = {};
  expect((await readFile(await repository.fetch('model.safetensors'))).equals(weights)).toBe(true);
});

test('a connection that gives nothing more ends in an error, and what came is kept', async () => {
  server.faults.breakAfter = ({ host, range }) => (host === 'files' ? (range ? 0 : 5000) : null);
  const repository = await open('owner/tiny');
  await expect(repository.fetch('model.safetensors')).rejects.toThrow(
    /model\.safetensors broke off at 5000 of 300000 bytes/,
  );
  expect((await stat(join(folder(), 'blobs', `${repository.files[1]!.etag}.incomplete`))).size).toBe(5000);
});

test.each([
  ['other bytes', (bytes: Uint8Array) => bytes.map((byte, i) => (i === 7 ? byte ^ 1 : byte))],
  ['more bytes', (bytes: Uint8Array) => Uint8Array.from([...bytes, 0])],
])('%s than promised are refused', async (_, tamper) => {
  server.faults.tamper = (_seen, bytes) => tamper(bytes);
  const repository = await open('owner/tiny');
  for (const file of ['model.safetensors', 'config.json'])
    await expect(repository.fetch(file)).rejects.toMatchObject({ reason: 'corrupt' });
  expect(await readdir(join(folder(), 'blobs'))).toEqual([]);
});

test('the token goes to the hub and to no other host, and stands in no error', async () => {
  const path = join(cache, 'token');
  await writeFile(path, `${server.token}\n`);
  const repository = await open('owner/private', { hub: hub({ tokenFile: path }) });
  await repository.fetch('model.safetensors');
  expect(new Set(server.seen.filter(({ host }) => host === 'hub').map((seen) => seen.authorization))).toEqual(
    new Set([`Bearer ${server.token}`]),
  );
  expect(server.seen.find(({ host }) => host === 'files')!.authorization).toBeUndefined();

  const wrong = open('owner/private', { hub: hub({ token: 'hf_wrongSecret' }) });
  await expect(wrong).rejects.toThrow(/does not accept the token that is in HF_TOKEN/);
  expect(String(await wrong.catch((error: unknown) => error))).not.toContain('wrongSecret');
});

test('refusals say what can be done', async () => {
  await expect(open('owner/none')).rejects.toThrow(
    /there is no model owner\/none on http.*a private one needs a token/,
  );
  await expect(open('owner/private')).rejects.toThrow('there is no model owner/private');
  await expect(open('owner/tiny', { revision: 'v9' })).rejects.toThrow('model owner/tiny has no revision "v9"');
  const gated = await open('owner/gated');
  await expect(gated.fetch('config.json')).rejects.toThrow(
    `model owner/gated is gated: accept its terms at ${server.endpoint}/owner/gated, and give a token in HF_TOKEN`,
  );
  await expect(gated.fetch('nothing.json')).rejects.toThrow('has no file "nothing.json"');
  await expect(open('owner/tiny', { hub: hub({ endpoint: 'http://127.0.0.1:9' }) })).rejects.toThrow(
    /127\.0\.0\.1:9 gives no answer/,
  );
});

test('trouble that passes is waited out; a renamed repository is followed', async () => {
  const asked = new Set<string>();
  server.faults.status = ({ host, path }) => (asked.size < asked.add(`${host} ${path}`).size ? 429 : null);
  await (await open('owner/old')).fetch('model.safetensors');
  expect((await readdir(cache)).sort()).toEqual(['.locks', 'models--owner--old']);
});

test('a listing that leads out of the cache is refused', async () => {
  for (const path of ['../evil', 'a/../../evil', 'C:\\evil', '/etc/evil', 'a//b']) {
    server.repositories['owner/tiny']!.files = { [path]: config };
    await expect(open('owner/tiny')).rejects.toMatchObject({ reason: 'corrupt' });
  }
});

test('two that want the same file at once download it once', async () => {
  const [a, b] = await Promise.all([open('owner/tiny'), open('owner/tiny')]);
  await Promise.all([a.fetch('model.safetensors'), b.fetch('model.safetensors'), a.fetch('model.safetensors')]);
  expect(server.seen.filter(({ host }) => host === 'files')).toHaveLength(1);
});

test('an abort ends a download and keeps what came', async () => {
  const abort = new AbortController();
  server.faults.breakAfter = ({ host, range }) => (host === 'files' && !range ? 100_000 : null);
  const onProgress = (): void => abort.abort(new Error('enough'));
  const repository = await open('owner/tiny', { signal: abort.signal, onProgress });
  await expect(repository.fetch('model.safetensors')).rejects.toThrow('enough');
  expect(await readdir(join(cache, '.locks/models--owner--tiny'))).toEqual([]);
  expect((await readdir(join(folder(), 'blobs')))[0]).toMatch(/^[0-9a-f]{64}\.incomplete$/);
});

test('data sets have a place of their own', async () => {
  const repository = await openRepository({ kind: 'dataset', name: 'owner/stories', revision: 'main' }, { hub: hub() });
  expect(await repository.fetch('data/train.jsonl')).toBe(
    join(cache, 'datasets--owner--stories/snapshots', commit, 'data/train.jsonl'),
  );
});
