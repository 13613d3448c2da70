import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { HubSettings } from '../env.ts';
import { HubError } from '../hub-error.ts';
import { titleOf, type RepositoryId } from '../repository-id.ts';

/** A busy server is waited for; where there is none, the cache should answer soon. */
const mostTries = { status: 5, noAnswer: 2 };
const headersWithinMs = 30_000;

export type HubFetch = typeof fetch;

/** What requests that write do in another way. */
export interface FetchRules {
  /** The error of a refusal; null to hand the answer to the caller. */
  refuse?(response: Response, signed: boolean): Promise<HubError | null>;
  /** How long the headers of an answer may take: a body has to be sent before them. */
  headersWithinMs?(init: RequestInit): number;
}

/**
 * A `fetch` that adds the token to requests to the endpoint (a redirect to another host loses it, as the fetch standard
 * asks), repeats after broken connections, 429 and 5xx, and throws HubError for every other refusal.
 */
export function hubFetch(
  settings: HubSettings,
  repository: RepositoryId,
  signal?: AbortSignal,
  rules: FetchRules = {},
): HubFetch {
  const refuse =
    rules.refuse ??
    (async (response: Response, signed: boolean) => {
      await response.body?.cancel();
      return refusal(response, repository, settings, signed);
    });
  return async (input, init = {}) => {
    const within = rules.headersWithinMs?.(init) ?? headersWithinMs;
    const url = new URL(input instanceof Request ? input.url : input);
    const token = url.origin === new URL(settings.endpoint).origin ? await tokenOf(settings) : null;
    const headers = new Headers(init.headers);
    if (token !== null) headers.set('authorization', `Bearer ${token}`);
    for (let tries = 1; ; tries++) {
      const answer = await once(url, { ...init, headers }, within, signal ?? init.signal ?? undefined);
      if (answer instanceof Response && answer.ok) return answer;
      const again = answer instanceof Response ? answer.status === 429 || answer.status >= 500 : true;
      if (!again && answer instanceof Response) {
        const error = await refuse(answer, token !== null);
        if (error === null) return answer;
        throw error;
      }
      if (answer instanceof Response) await answer.body?.cancel();
      if (tries >= (answer instanceof Response ? mostTries.status : mostTries.noAnswer))
        throw noAnswer(answer, url, repository);
      await delay(settings.retryDelayMs * 2 ** (tries - 1), undefined, { signal });
    }
  };
}

/** The answer, or why there was none. Only the headers are waited for here: bodies may take long. */
async function once(
  url: URL,
  init: RequestInit,
  withinMs: number,
  signal: AbortSignal | undefined,
): Promise<Response | Error> {
  const timeout = new AbortController();
  const late = new Error(`no answer within ${Math.round(withinMs / 1000)} s`);
  const timer = setTimeout(() => timeout.abort(late), withinMs);
  try {
    const signals = signal ? [signal, timeout.signal] : [timeout.signal];
    return await fetch(url, { ...init, signal: AbortSignal.any(signals) });
  } catch (error) {
    signal?.throwIfAborted();
    return error as Error;
  } finally {
    clearTimeout(timer);
  }
}

/** The token of the settings; null for none. */
export async function tokenOf({ token, tokenFile }: HubSettings): Promise<string | null> {
  if (token !== null || tokenFile === null) return token;
  const text = await readFile(tokenFile, 'utf8').catch(() => '');
  return text.trim() || null;
}

/** What a status means: https://huggingface.co sends `X-Error-Code` with its own. */
function refusal(response: Response, repository: RepositoryId, { endpoint }: HubSettings, signed: boolean): HubError {
  const { status, headers } = response;
  const what = titleOf(repository);
  const code = headers.get('x-error-code');
  const page = `${endpoint}/${repository.kind === 'model' ? '' : 'datasets/'}${repository.name}`;
  if (code === 'GatedRepo')
    return new HubError(
      'forbidden',
      signed
        ? `${what} is gated and this token has no access: accept its terms at ${page}`
        : `${what} is gated: accept its terms at ${page}, and give a token in HF_TOKEN`,
    );
  if (code === 'RevisionNotFound')
    return new HubError('unknown', `${what} has no revision "${repository.revision}" on ${endpoint}`);
  if (code === 'EntryNotFound') return new HubError('unknown', `${what} has no such file on ${endpoint}`);
  if (status === 401 && signed && code !== 'RepoNotFound')
    return new HubError('forbidden', `${endpoint} does not accept the token that is in HF_TOKEN or the token file`);
  if (code === 'RepoNotFound' || status === 404 || status === 401)
    return new HubError(
      'unknown',
      `there is no ${what} on ${endpoint}${signed ? ', or this token may not see it' : '; a private one needs a token in HF_TOKEN'}`,
    );
  if (status === 403) return new HubError('forbidden', `${endpoint} gives no access to ${what} (403)`);
  return new HubError('network', `${endpoint} answered ${status} when asked for ${what}`);
}

function noAnswer(answer: Response | Error, url: URL, repository: RepositoryId): HubError {
  const why =
    answer instanceof Response
      ? `status ${answer.status}`
      : answer.cause instanceof Error
        ? answer.cause.message || ((answer.cause as NodeJS.ErrnoException).code ?? answer.message)
        : answer.message;
  return new HubError('network', `${url.origin} gives no answer about ${titleOf(repository)}: ${why}`);
}
