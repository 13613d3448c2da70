import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { HubSettings } from '../env.ts';
import { HubError } from '../hub-error.ts';
import type { HubFetch } from './hub-fetch.ts';
import type { RepositoryFile } from './repository-listing.ts';

const mostFruitlessTries = 5;
const stalledAfterMs = 60_000;

export interface Download {
  readonly url: string;
  readonly file: RepositoryFile;
  /** Where the whole file goes; what is there of it meanwhile lies beside it as `<path>.incomplete`. */
  readonly path: string;
  readonly fetch: HubFetch;
  readonly settings: HubSettings;
  readonly signal?: AbortSignal;
  /** Bytes that are there so far. */
  onProgress?(received: number): void;
}

/**
 * Brings one file to `path`. A broken connection goes on where it broke, and so does a later call after this process
 * ended; the bytes are compared with the size and the hash that the listing promised before the file takes its name.
 *
 * @throws HubError `network` when no more bytes come (those that came are kept), `corrupt` when they are the wrong ones twice
 */
export async function download(wanted: Download): Promise<void> {
  const incomplete = `${wanted.path}.incomplete`;
  await mkdir(dirname(incomplete), { recursive: true });
  for (let tries = 1; ; tries++) {
    const handle = await open(incomplete, 'a+');
    let right: boolean;
    try {
      right = await fill(handle, incomplete, wanted);
    } finally {
      await handle.close();
    }
    if (right) break;
    // What an earlier process left may be the trouble: once more from the first byte.
    await rm(incomplete, { force: true });
    if (tries === 2)
      throw new HubError(
        'corrupt',
        `${wanted.file.path} from ${new URL(wanted.url).origin} is not what its listing promises (${wanted.file.size} bytes, hash ${wanted.file.etag})`,
      );
  }
  await rename(incomplete, wanted.path);
}

/** Appends what is missing; says whether the whole has the right hash. */
async function fill(handle: FileHandle, incomplete: string, wanted: Download): Promise<boolean> {
  const { file, settings, signal } = wanted;
  let hash = await hashOf(incomplete, file);
  let fruitless = 0;
  for (let received = (await stat(incomplete)).size; received < file.size;) {
    signal?.throwIfAborted();
    const before = received;
    let trouble: string;
    try {
      for await (const piece of bytesFrom(wanted, received)) {
        if (piece === 'from the start') {
          await handle.truncate(0);
          hash = newHash(file);
          received = 0;
          continue;
        }
        if (received + piece.length > file.size) return false;
        await handle.writeFile(piece);
        hash.update(piece);
        received += piece.length;
        wanted.onProgress?.(received);
      }
      trouble = 'the connection ended early';
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof HubError || isDiskError(error)) throw error;
      trouble = (error as Error).message;
    }
    fruitless = received > before ? 0 : fruitless + 1;
    if (received < file.size && fruitless >= mostFruitlessTries)
      throw new HubError(
        'network',
        `${file.path} broke off at ${received} of ${file.size} bytes (${trouble}); what came is kept, and another try goes on there`,
      );
    if (received < file.size) await delay(settings.retryDelayMs * 2 ** fruitless, undefined, { signal });
  }
  wanted.onProgress?.(file.size);
  return (await stat(incomplete)).size === file.size && hash.digest('hex') === file.etag;
}

/** The bytes from `start` on; says first when the server sends all of them instead. */
async function* bytesFrom(
  { url, file, fetch, signal }: Download,
  start: number,
): AsyncGenerator<Uint8Array | 'from the start'> {
  const stalled = new AbortController();
  const signals = [stalled.signal, ...(signal ? [signal] : [])];
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (start > 0) headers.range = `bytes=${start}-${file.size - 1}`;
  const response = await fetch(url, { headers, signal: AbortSignal.any(signals) });
  if (start > 0 && !(response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${start}-`)))
    yield 'from the start';
  if (!response.body) return;
  let timer = setTimeout(() => stalled.abort(), stalledAfterMs);
  try {
    for await (const piece of response.body as AsyncIterable<Uint8Array>) {
      clearTimeout(timer);
      yield piece;
      timer = setTimeout(() => stalled.abort(new Error('no byte came for 60 s')), stalledAfterMs);
    }
  } finally {
    clearTimeout(timer);
  }
}

const newHash = ({ etag, size }: RepositoryFile): Hash =>
  etag.length === 64 ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);

/** The hash of what an earlier call left. */
async function hashOf(path: string, file: RepositoryFile): Promise<Hash> {
  const hash = newHash(file);
  for await (const piece of createReadStream(path)) hash.update(piece as Uint8Array);
  return hash;
}

const isDiskError = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  ['ENOSPC', 'EDQUOT', 'EACCES', 'EROFS', 'EIO'].includes(String(error.code));
