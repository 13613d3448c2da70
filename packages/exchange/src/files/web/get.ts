import { get as getPlain, type IncomingMessage } from 'node:http';
import { get as getSecure } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { ImportError } from '../../import-error.ts';

export interface WebSettings {
  /** How often a request is made before it is given up, where the server is busy or does not answer. */
  readonly tries: number;
  /** Before the second try; each further one waits twice as long. */
  readonly retryDelayMs: number;
  /** A connection on which no byte comes for so long is given up. */
  readonly stalledAfterMs: number;
}

export const defaultWebSettings: WebSettings = { tries: 5, retryDelayMs: 500, stalledAfterMs: 60_000 };

export interface GetOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Headers that prove who asks, made anew for every try, and never sent on to where a redirect leads. */
  readonly sign?: (url: URL, headers: Readonly<Record<string, string>>) => Record<string, string>;
  readonly signal?: AbortSignal;
}

const mostRedirects = 5;
const isBusy = (status: number): boolean => status === 429 || status >= 500;

/**
 * The answer to a GET request, its body as it is sent: unlike `fetch`, this does not unpack it, so that bytes can be
 * counted, checked and asked for from the middle. Busy servers and broken connections are tried again.
 *
 * @returns any answer but a redirect, 429 and 5xx; the caller reads its body, or destroys it
 * @throws ImportError when there is none; its message names the address without its query
 */
export async function get(url: URL, settings: WebSettings, options: GetOptions = {}): Promise<IncomingMessage> {
  for (let tries = 1; ; tries++) {
    let trouble: string;
    try {
      const answer = await followed(url, settings, options);
      if (!isBusy(answer.statusCode!)) return answer;
      answer.destroy();
      trouble = `answered ${answer.statusCode}`;
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof ImportError) throw error;
      trouble = `does not answer: ${reasonOf(error)}`;
    }
    if (tries >= settings.tries) throw new ImportError(`${addressOf(url)} ${trouble}`);
    await delay(settings.retryDelayMs * 2 ** (tries - 1), undefined, { signal: options.signal });
  }
}

/** An address without what may be secret in it. */
export const addressOf = (url: URL): string => `${url.origin}${url.pathname}`;

export const reasonOf = (error: unknown): string => {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || String(code);
};

async function followed(url: URL, settings: WebSettings, options: GetOptions): Promise<IncomingMessage> {
  let at = url;
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    const sameHost = at.origin === url.origin;
    const signed = sameHost ? options.sign?.(at, options.headers ?? {}) : undefined;
    const answer = await once(at, { ...options.headers, ...signed }, settings, options.signal);
    const { location } = answer.headers;
    if (![301, 302, 303, 307, 308].includes(answer.statusCode!) || location === undefined) return answer;
    answer.destroy();
    at = new URL(location, at);
    if (at.protocol !== 'https:' && !(at.protocol === 'http:' && url.protocol === 'http:'))
      throw new ImportError(`${addressOf(url)} leads to ${addressOf(at)}, which is not secure`);
  }
  throw new ImportError(`${addressOf(url)} leads on and on`);
}

function once(
  url: URL,
  headers: Record<string, string>,
  { stalledAfterMs }: WebSettings,
  signal: AbortSignal | undefined,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? getSecure : getPlain)(
      url,
      { headers: { 'user-agent': 'monosema', ...headers }, signal },
      resolve,
    );
    request.setTimeout(stalledAfterMs, () => request.destroy(new Error(`no byte came for ${stalledAfterMs / 1000} s`)));
    request.on('error', reject);
  });
}
