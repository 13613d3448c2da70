import type { ContentSource } from '@huggingface/hub';
import { hubFetch, tokenOf, type HubFetch } from '../client/hub-fetch.ts';
import { readHubSettings, type HubSettings } from '../env.ts';
import { HubError } from '../hub-error.ts';
import { titleOf, type RepositoryId } from '../repository-id.ts';
import { refusedWrite } from './refused-write.ts';

/** A file as it will be in the repository. */
export interface PushFile {
  /** With "/" between folders. */
  readonly path: string;
  /** Its bytes, or a file: URL, from which it is sent without being held in memory. */
  readonly content: Uint8Array | URL;
}

/** How far a push has come. */
export type PushProgress =
  | { readonly phase: 'hashing'; readonly file: string; readonly share: number }
  /** Bytes of large files that the store has taken so far; none are sent of those that it has already. */
  | { readonly phase: 'uploading'; readonly sent: number }
  | { readonly phase: 'committing' };

export interface PushOptions {
  /** Title of the commit. */
  readonly message: string;
  /** A repository that is made is private; one that is public already is an error. */
  readonly private?: boolean;
  /** In place of what the environment says. */
  readonly hub?: Partial<HubSettings>;
  readonly onProgress?: (progress: PushProgress) => void;
  readonly signal?: AbortSignal;
}

export interface Pushed {
  /** Page of the repository. */
  readonly url: string;
  readonly commit: string;
  /** Whether the repository was made for this push. */
  readonly created: boolean;
}

/**
 * Writes files to a repository of the Hugging Face hub in one commit: all of them or none. The repository is made when
 * there is none. Large files go to the hub's store (LFS) first, those that it has already are not sent again; other files
 * of the repository stay as they are. The token of the environment is used, and has to have the role "write".
 *
 * @throws HubError: `forbidden` without a token that may write there, `unknown` for a branch that is not there, `refused` for
 *   what the hub doesn't take (its words), `network`, `offline`; the signal's reason on abort
 * @example await pushFiles(parseRepositoryId('model', 'me/my-sae')!, [{ path: 'README.md', content: bytes }], { message: 'Add card' })
 */
export async function pushFiles(
  repository: RepositoryId,
  files: readonly PushFile[],
  options: PushOptions,
): Promise<Pushed> {
  const settings: HubSettings = { ...readHubSettings(), ...options.hub };
  await checkPush(repository, files, settings);
  const { signal } = options;
  signal?.throwIfAborted();
  const fetch = writingFetch(settings, repository, signal);
  try {
    const created = await makeRepository(repository, settings, fetch, options.private ?? false);
    const commit = await commitFiles(repository, files, settings, fetch, options);
    return { url: pageOf(settings, repository), commit, created };
  } catch (error) {
    // The library's own reason says nothing.
    signal?.throwIfAborted();
    throw error;
  }
}

async function checkPush(repository: RepositoryId, files: readonly PushFile[], settings: HubSettings): Promise<void> {
  if (!repository.name.includes('/'))
    throw new HubError('unknown', `"${repository.name}" has no owner: a repository is pushed to as owner/name`);
  if (files.length === 0) throw new RangeError('there is no file to push');
  const wrong = files.find(({ path }) => !isInside(path));
  if (wrong) throw new RangeError(`"${wrong.path}" is no path in a repository`);
  if (settings.offline)
    throw new HubError('offline', `HF_HUB_OFFLINE forbids the network, over which ${titleOf(repository)} is pushed`);
  if ((await tokenOf(settings)) === null)
    throw new HubError(
      'forbidden',
      `a push to ${settings.endpoint} needs a token of the role "write": give it in HF_TOKEN or the token file`,
    );
}

const isInside = (path: string): boolean =>
  !/[\\\0]/.test(path) && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

const pageOf = ({ endpoint }: HubSettings, { kind, name }: RepositoryId): string =>
  `${endpoint}/${kind === 'model' ? '' : 'datasets/'}${name}`;

/** Uploads may take long before the first word of an answer: a slow line sends 20 kB in a second. */
const slowestBytesPerMs = 20;
const answerWithinMs = 120_000;

function writingFetch(settings: HubSettings, repository: RepositoryId, signal?: AbortSignal): HubFetch {
  return hubFetch(settings, repository, signal, {
    headersWithinMs: ({ body }) => answerWithinMs + sizeOf(body) / slowestBytesPerMs,
    refuse: (response, signed) => refusedWrite(response, repository, settings, signed),
  });
}

const sizeOf = (body: RequestInit['body']): number =>
  body instanceof Blob ? body.size : typeof body === 'string' ? body.length : 0;

/** Says whether it had to be made. */
async function makeRepository(
  repository: RepositoryId,
  settings: HubSettings,
  fetch: HubFetch,
  isPrivate: boolean,
): Promise<boolean> {
  const { kind: type, name } = repository;
  const { createRepo, datasetInfo, modelInfo } = await import('@huggingface/hub');
  const hubUrl = settings.endpoint;
  const wanted = { name, hubUrl, fetch };
  const found = await absentAsNull<{ private: boolean }>(() =>
    type === 'model' ? modelInfo(wanted) : datasetInfo(wanted),
  );
  if (found) {
    if (isPrivate && !found.private)
      throw new HubError('refused', `${titleOf(repository)} is there and public: a push does not make it private`);
    return false;
  }
  try {
    // The fetch has the token.
    const visibility = isPrivate ? 'private' : undefined;
    await createRepo({ repo: { type, name }, accessToken: '', visibility, hubUrl, fetch });
    return true;
  } catch (error) {
    // Another push has made it meanwhile.
    if (error instanceof Error && 'statusCode' in error && error.statusCode === 409) return false;
    throw error;
  }
}

async function absentAsNull<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof HubError && error.reason === 'unknown') return null;
    throw error;
  }
}

async function commitFiles(
  repository: RepositoryId,
  files: readonly PushFile[],
  { endpoint: hubUrl }: HubSettings,
  fetch: HubFetch,
  { message: title, signal, onProgress }: PushOptions,
): Promise<string> {
  const { kind: type, name, revision: branch } = repository;
  const { commitIter } = await import('@huggingface/hub');
  let sent = 0;
  const counted: HubFetch = async (input, init) => {
    const response = await fetch(input, init);
    if (init?.method === 'PUT') onProgress?.({ phase: 'uploading', sent: (sent += sizeOf(init.body)) });
    return response;
  };
  const operations = files.map(({ path, content }) => ({
    operation: 'addOrUpdate' as const,
    path,
    content: contentOf(content),
  }));
  const steps = commitIter({
    ...{ repo: { type, name }, branch, title, operations, hubUrl, abortSignal: signal },
    fetch: counted,
    useXet: false,
  });
  for (;;) {
    const { done, value } = await steps.next();
    if (done) {
      if (!value) throw new HubError('network', `${hubUrl} names no commit for ${titleOf(repository)}`);
      return value.commit.oid;
    }
    if (value.event === 'phase' && value.phase === 'committing') onProgress?.({ phase: 'committing' });
    if (value.event === 'fileProgress' && value.state === 'hashing')
      onProgress?.({ phase: 'hashing', file: value.path, share: value.progress });
  }
}

const contentOf = (content: Uint8Array | URL): ContentSource =>
  content instanceof URL ? content : new Blob([content as Uint8Array<ArrayBuffer>]);
