import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { parseRepositoryId, pushFiles, type PushFile, type PushOptions, type PushProgress } from '../index.ts';
import { PushServer } from './push-server.fixture.ts';

let folder: string;
let server: PushServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'monosema-Push-'));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  server = await PushServer.start();
});
afterEach(() => server.close());

const card = new TextEncoder().encode('# An SAE, größer\n');
const weights = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7) % 256);
const files: PushFile[] = [
  { path: 'README.md', content: card },
  { path: 'sae/sae_weights.safetensors', content: weights },
];
const push = (given: Partial<PushOptions> & { files?: PushFile[]; name?: string } = {}) => {
  const { files: sent = files, name = 'me/my-sae', ...options } = given;
  const hub = { endpoint: server.endpoint, token: server.token, tokenFile: null, offline: false, retryDelayMs: 1 };
  const id = parseRepositoryId('model', name)!;
  return pushFiles(id, sent, { message: 'Push an SAE', ...options, hub: { ...hub, ...options.hub } });
};

test('a push makes the repository, sends large files to the store and commits all at once', async () => {
  const seen: PushProgress[] = [];
  const pushed = await push({ private: true, onProgress: (progress) => seen.push(progress) });
  expect(pushed).toEqual({ url: `${server.endpoint}/me/my-sae`, commit: 'c'.repeat(40), created: true });
  const repository = server.repositories['me/my-sae']!;
  expect(repository).toMatchObject({ private: true, titles: ['Push an SAE'] });
  expect(Buffer.compare(repository.files['README.md']!, card)).toBe(0);
  expect(Buffer.compare(repository.files['sae/sae_weights.safetensors']!, weights)).toBe(0);
  expect(seen).toContainEqual({ phase: 'uploading', sent: 5000 });
  expect(seen.at(-1)).toEqual({ phase: 'committing' });
  // The token goes to the hub and nowhere else.
  for (const { host, authorization } of server.seen)
    expect(authorization).toBe(host === 'hub' ? `Bearer ${server.token}` : undefined);
});

test('a second push uses the repository, and what the store has is not sent again', async () => {
  await push();
  server.seen.length = 0;
  const other = { path: 'notes.txt', content: new TextEncoder().encode('seen') };
  expect((await push({ files: [...files, other] })).created).toBe(false);
  expect(server.seen.filter(({ host }) => host === 'store')).toEqual([]);
  expect(Object.keys(server.repositories['me/my-sae']!.files)).toEqual([...files, other].map(({ path }) => path));
});

test('a file on disk is sent in the parts that the hub asks for', async () => {
  server.partBytes = 2048;
  const path = join(folder, 'grö ße.safetensors');
  await writeFile(path, weights);
  const seen: PushProgress[] = [];
  await push({
    files: [{ path: 'w.safetensors', content: pathToFileURL(path) }],
    onProgress: (progress) => seen.push(progress),
  });
  expect(Buffer.compare(server.repositories['me/my-sae']!.files['w.safetensors']!, weights)).toBe(0);
  const sent = seen.flatMap((progress) => (progress.phase === 'uploading' ? [progress.sent] : []));
  expect(sent).toHaveLength(3);
  expect(sent.at(-1)).toBe(5000);
});

test('a busy hub and a busy store are asked again', async () => {
  const failed = new Set<string>();
  server.fault = (line) => {
    if (failed.has(line)) return null;
    failed.add(line);
    return { status: 503 };
  };
  await push();
  expect(Object.keys(server.repositories['me/my-sae']!.files)).toHaveLength(2);
});

test.each<[string, (() => Partial<PushOptions> & { files?: PushFile[]; name?: string }) | number, string | RegExp]>([
  ['no token', () => ({ hub: { token: null } }), /needs a token of the role "write".*HF_TOKEN/],
  ['another token', () => ({ hub: { token: 'hf_wrong' } }), 'does not accept the token'],
  ['offline', () => ({ hub: { offline: true } }), 'HF_HUB_OFFLINE forbids'],
  ['no owner', () => ({ name: 'my-sae' }), 'has no owner'],
  ['no files', () => ({ files: [] }), 'there is no file to push'],
  ['a way out', () => ({ files: [{ path: '../x', content: card }] }), '"../x" is no path in a repository'],
  ['no such branch', () => ({ name: 'me/my-sae@other' }), 'has no branch "other"'],
  ['a token for reading', 403, 'may not write to model me/my-sae: it needs the role "write" there: said by the hub'],
  ['what the hub does not take', 422, /refused what was pushed.*\(422\): said by the hub/],
  ['a commit behind', 412, /\(412\): said by the hub/],
])('%s is an error that says so, without the token', async (_, how, message) => {
  if (typeof how === 'number')
    server.fault = (line) => (line.includes('/commit/') ? { status: how, error: 'said by the hub' } : null);
  const error = await push(typeof how === 'number' ? {} : how()).then(
    () => null,
    (reason: unknown) => reason as Error,
  );
  expect(error?.message).toMatch(message);
  expect(JSON.stringify([error, error?.message, error?.stack])).not.toContain('hf_');
  expect(server.repositories['me/my-sae']?.files ?? {}).toEqual({});
});

test('a public repository is not pushed to as a private one', async () => {
  await push();
  await expect(push({ private: true })).rejects.toThrow('is there and public');
});

test('a repository that another push makes meanwhile is used', async () => {
  server.fault = (line) => (line.endsWith('/revision/HEAD') ? { status: 404 } : null);
  await push();
  expect((await push()).created).toBe(false);
});

test('a cancelled push commits nothing', async () => {
  const stop = new AbortController();
  const pushing = push({ signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) });
  await expect(pushing).rejects.toThrow('enough');
  expect(server.repositories['me/my-sae']!.files).toEqual({});
  await expect(push({ signal: stop.signal })).rejects.toThrow('enough');
});
