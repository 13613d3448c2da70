import { mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hashOf, openArtifacts, type ArtifactStore } from './index.ts';

let folder: string;
let artifacts: ArtifactStore;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const pathOf = (hash: string): string => join(folder, hash.slice(0, 2), hash);
const age = (path: string): Promise<void> => utimes(path, new Date(0), new Date(0));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'artifacts-'));
  artifacts = openArtifacts(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('bytes come back under their SHA-256, and nothing unfinished stays behind', async () => {
  const hash = await artifacts.put(bytes('abc'));
  expect(hash).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(await artifacts.get(hash)).toEqual(bytes('abc'));
  expect(await artifacts.has(hash)).toBe(true);
  expect(await readdir(join(folder, 'incoming'))).toEqual([]);
});

test('writers of the same bytes at once make one whole file', async () => {
  const content = new Uint8Array(300_000).map((_, i) => i);
  const hashes = await Promise.all(Array.from({ length: 8 }, () => artifacts.put(content)));
  expect(new Set(hashes)).toEqual(new Set([hashOf(content)]));
  expect(new Uint8Array(await readFile(pathOf(hashes[0]!)))).toEqual(content);
});

test('a damaged file is never handed out, and the next put mends a short one', async () => {
  const hash = await artifacts.put(bytes('abcdef'));
  await writeFile(pathOf(hash), 'abcdeX');
  await expect(artifacts.get(hash)).rejects.toThrow(`artifact ${hash} is damaged`);
  await truncate(pathOf(hash), 2);
  await artifacts.put(bytes('abcdef'));
  expect(await artifacts.get(hash)).toEqual(bytes('abcdef'));
});

test('missing and misnamed artifacts are told apart', async () => {
  await expect(artifacts.get(hashOf(bytes('none')))).rejects.toThrow('is not in');
  await expect(artifacts.get('../../etc/passwd')).rejects.toThrow('names no artifact');
  await artifacts.remove(hashOf(bytes('none')));
});

test('a sweep takes old files without an owner, and spares what was put again', async () => {
  const [kept, orphan, renewed] = await Promise.all(
    ['kept', 'orphan', 'renewed'].map((text) => artifacts.put(bytes(text))),
  );
  await writeFile(join(folder, 'incoming', 'left-over'), 'half');
  for (const path of [pathOf(kept!), pathOf(orphan!), pathOf(renewed!), join(folder, 'incoming', 'left-over')])
    await age(path);
  await artifacts.put(bytes('renewed'));
  expect(await artifacts.sweep({ keep: new Set([kept!]), olderThanSeconds: 60 })).toBe(2);
  expect(await Promise.all([kept!, orphan!, renewed!].map((hash) => artifacts.has(hash)))).toEqual([true, false, true]);
});
