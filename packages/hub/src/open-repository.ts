import { stat } from 'node:fs/promises';
import { RepositoryCache } from './cache/repository-cache.ts';
import { withFileLock } from './cache/file-lock.ts';
import { download } from './client/download.ts';
import { hubFetch, type HubFetch } from './client/hub-fetch.ts';
import { listRepository, resolveRevision, type RepositoryFile } from './client/repository-listing.ts';
import { readHubSettings, type HubSettings } from './env.ts';
import { HubError } from './hub-error.ts';
import { isCommit, titleOf, type RepositoryId } from './repository-id.ts';

/** How far the download of a file has come. */
export interface DownloadProgress {
  readonly repository: string;
  readonly file: string;
  /** Bytes there so far, those of an earlier attempt included. */
  readonly received: number;
  readonly size: number;
}

export interface HubOptions {
  /** In place of what the environment says. */
  readonly hub?: Partial<HubSettings>;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
}

/** A repository of the hub at one commit. */
export interface Repository extends RepositoryId {
  readonly commit: string;
  /** Folder of this commit in the cache; it has the files that were fetched. */
  readonly path: string;
  /** As its page names it; null where only the cache was asked. */
  readonly licence: string | null;
  readonly files: readonly RepositoryFile[];
  /** The path of a file, after its download where the cache lacks it. */
  fetch(path: string): Promise<string>;
}

/**
 * Opens a repository of the Hugging Face hub: the revision is pinned to its commit now, files come when they are fetched.
 * Both go through the cache that Python's huggingface_hub uses. A commit whose listing is cached needs no network, and a
 * hub that cannot be reached is answered for by the cache.
 *
 * @throws HubError
 * @example (await openRepository({ kind: 'model', name: 'openai-community/gpt2', revision: 'main' })).fetch('config.json')
 */
export async function openRepository(repository: RepositoryId, options: HubOptions = {}): Promise<Repository> {
  const settings: HubSettings = { ...readHubSettings(), ...options.hub };
  const cache = new RepositoryCache(settings.cache, repository);
  const fetch = hubFetch(settings, repository, options.signal);
  const { commit, licence } = await pin(repository, settings, cache, fetch);
  const files = await listingOf(repository, commit, settings, cache, fetch);
  const byPath = new Map(files.map((file) => [file.path, file]));
  const running = new Map<string, Promise<string>>();

  const bring = async (path: string): Promise<string> => {
    const file = byPath.get(path);
    if (!file) throw new HubError('unknown', `${titleOf(repository)} has no file "${path}" at ${commit}`);
    const pointer = cache.pointer(commit, path);
    if (await isThere(pointer, file)) return pointer;
    if (settings.offline) throw notCached(repository, `its ${path}`);
    const url = `${settings.endpoint}/${repository.kind === 'model' ? '' : 'datasets/'}${repository.name}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`;
    const blob = cache.blob(file.etag);
    const onProgress = (received: number): void =>
      options.onProgress?.({ repository: repository.name, file: path, received, size: file.size });
    await withFileLock(
      cache.lock(file.etag),
      async () => {
        if (await isThere(blob, file)) return;
        await download({ url, file, path: blob, fetch, settings, signal: options.signal, onProgress });
      },
      options.signal,
    );
    return cache.link(commit, path, file.etag);
  };
  return {
    ...repository,
    commit,
    licence,
    files,
    path: cache.snapshot(commit),
    fetch(path) {
      const running_ = running.get(path) ?? bring(path).finally(() => running.delete(path));
      running.set(path, running_);
      return running_;
    },
  };
}

/** The commit that the revision is at, now or when the hub was last reached. */
async function pin(
  repository: RepositoryId,
  settings: HubSettings,
  cache: RepositoryCache,
  fetch: HubFetch,
): Promise<{ commit: string; licence: string | null }> {
  const { revision } = repository;
  if (isCommit(revision)) return { commit: revision, licence: null };
  const cached = await cache.commitOf(revision);
  if (settings.offline) {
    if (cached === null) throw notCached(repository, `revision "${revision}"`);
    return { commit: cached, licence: null };
  }
  try {
    const pinned = await resolveRevision(settings, repository, fetch);
    await cache.setCommitOf(revision, pinned.commit);
    return pinned;
  } catch (error) {
    if (cached === null || !(error instanceof HubError) || error.reason !== 'network') throw error;
    return { commit: cached, licence: null };
  }
}

async function listingOf(
  repository: RepositoryId,
  commit: string,
  settings: HubSettings,
  cache: RepositoryCache,
  fetch: HubFetch,
): Promise<RepositoryFile[]> {
  const cached = await cache.listing(commit);
  if (cached) return cached;
  const present = async (): Promise<RepositoryFile[] | null> => {
    const files = await cache.present(commit);
    return files.length > 0 ? files : null;
  };
  if (settings.offline) {
    const files = await present();
    if (!files) throw notCached(repository, `commit ${commit}`);
    return files;
  }
  try {
    const files = await listRepository(settings, repository, commit, fetch);
    await cache.setListing(commit, files);
    return files;
  } catch (error) {
    const files = error instanceof HubError && error.reason === 'network' ? await present() : null;
    if (!files) throw error;
    return files;
  }
}

/** A file of another length is what a full disk or a killed copy left: it counts as absent. */
async function isThere(path: string, { size }: RepositoryFile): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true && found.size === size;
}

const notCached = (repository: RepositoryId, what: string): HubError =>
  new HubError(
    'offline',
    `${what} of ${titleOf(repository)} is not in the cache, and HF_HUB_OFFLINE forbids to fetch it`,
  );
