import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { ImportError } from '../../import-error.ts';
import { addressOf, get, reasonOf, type GetOptions, type WebSettings } from './get.ts';

export interface ReadUrlOptions extends GetOptions {
  /** Bytes that the listing promises; null for those that the answer does. */
  readonly bytes: number | null;
  /** Called with the first answer, before any byte of it. */
  readonly onAnswer?: (answer: IncomingMessage) => void;
}

/**
 * A file's bytes as stored. Where the connection breaks, the rest is asked for from there, so long as the file is the same
 * (its ETag); a server that starts again from the first byte is read past what came already.
 *
 * @throws ImportError when the file is refused, changes meanwhile, or no more bytes come
 */
export async function* readUrl(url: URL, settings: WebSettings, options: ReadUrlOptions): AsyncGenerator<Uint8Array> {
  let received = 0;
  let fruitless = 0;
  let size = options.bytes;
  let etag: string | undefined;
  for (;;) {
    const answer = await answerFrom(url, settings, options, received, etag);
    if (etag === undefined) {
      options.onAnswer?.(answer);
      etag = answer.headers.etag ?? '';
      const length = answer.headers['content-length'];
      size ??= length === undefined ? null : Number(length);
    }
    let skip = answer.statusCode === 206 ? 0 : received;
    const before = received;
    let trouble = 'the connection ended early';
    try {
      for await (const piece of answer as AsyncIterable<Uint8Array>) {
        const fresh = skip === 0 ? piece : piece.subarray(Math.min(skip, piece.length));
        skip -= piece.length - fresh.length;
        if (fresh.length === 0) continue;
        received += fresh.length;
        yield fresh;
      }
      // An answer without a length ends with its connection, and nothing says whether that was all.
      if (size === null || received >= size) return;
    } catch (error) {
      options.signal?.throwIfAborted();
      trouble = reasonOf(error);
    } finally {
      answer.destroy();
    }
    fruitless = received > before ? 0 : fruitless + 1;
    if (fruitless >= settings.tries)
      throw new ImportError(`${addressOf(url)} broke off after ${received} of ${size ?? 'its'} bytes: ${trouble}`);
    await delay(settings.retryDelayMs * 2 ** fruitless, undefined, { signal: options.signal });
  }
}

async function answerFrom(
  url: URL,
  settings: WebSettings,
  options: ReadUrlOptions,
  start: number,
  etag: string | undefined,
): Promise<IncomingMessage> {
  const headers: Record<string, string> = { ...options.headers, 'accept-encoding': 'identity' };
  if (start > 0) headers.range = `bytes=${start}-`;
  if (start > 0 && etag) headers['if-match'] = etag;
  const answer = await get(url, settings, { ...options, headers });
  const status = answer.statusCode!;
  const isRest = status === 206 && answer.headers['content-range']?.startsWith(`bytes ${start}-`);
  if (isRest || status === 200) {
    if (start === 0 || !etag || answer.headers.etag === undefined || answer.headers.etag === etag) return answer;
    answer.destroy();
    throw new ImportError(`${addressOf(url)} changed while it was read`);
  }
  answer.destroy();
  if (status === 412) throw new ImportError(`${addressOf(url)} changed while it was read`);
  throw new ImportError(`${addressOf(url)} is refused with status ${status}${meaning(status)}`);
}

function meaning(status: number): string {
  if (status === 404) return ': there is no such file';
  if (status === 401 || status === 403) return ': it is not public, and needs credentials';
  return '';
}

/** A small text; null where there is none (404, and 403 from a bucket that does not say what it lacks). */
export async function readTextOrNull(url: URL, settings: WebSettings, options: GetOptions): Promise<string | null> {
  const answer = await get(url, settings, { ...options, headers: { 'accept-encoding': 'identity' } });
  const status = answer.statusCode!;
  if (status !== 200) {
    answer.destroy();
    return null;
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of answer as AsyncIterable<Uint8Array>) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}
