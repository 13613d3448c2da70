import type { HubSettings } from '../env.ts';
import { HubError } from '../hub-error.ts';
import { titleOf, type RepositoryId } from '../repository-id.ts';

/**
 * What the refusal of a request that writes means; null where it is no obstacle: a repository that is to be made and is
 * there (409), which another push may have made meanwhile.
 */
export async function refusedWrite(
  response: Response,
  repository: RepositoryId,
  { endpoint }: HubSettings,
  signed: boolean,
): Promise<HubError | null> {
  const what = titleOf(repository);
  const { origin, pathname } = new URL(response.url);
  if (response.status === 409 && pathname.endsWith('/repos/create')) return null;
  const said = await reasonOf(response);
  if (origin !== new URL(endpoint).origin)
    return new HubError('network', `the store of ${endpoint} answered ${response.status} to a file of ${what}${said}`);
  if (response.headers.get('x-error-code') === 'RevisionNotFound')
    return new HubError('unknown', `${what} has no branch "${repository.revision}" on ${endpoint}`);
  switch (response.status) {
    case 401:
      if (signed && response.headers.get('x-error-code') !== 'RepoNotFound')
        return new HubError('forbidden', `${endpoint} does not accept the token in HF_TOKEN or the token file`);
      return new HubError('unknown', `there is no ${what} on ${endpoint}`);
    case 403:
      return new HubError('forbidden', `this token may not write to ${what}: it needs the role "write" there${said}`);
    case 404:
      return new HubError('unknown', `there is no ${what} on ${endpoint}, or this token may not see it`);
  }
  return new HubError('refused', `${endpoint} refused what was pushed to ${what} (${response.status})${said}`);
}

/** The hub's own words, where it has any. */
async function reasonOf(response: Response): Promise<string> {
  const text = await response.text().catch(() => '');
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    return typeof error === 'string' ? `: ${error.slice(0, 500)}` : '';
  } catch {
    return '';
  }
}
