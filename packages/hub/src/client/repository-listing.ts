import { z } from 'zod';
import type { HubSettings } from '../env.ts';
import { HubError } from '../hub-error.ts';
import { titleOf, type RepositoryId } from '../repository-id.ts';
import type { HubFetch } from './hub-fetch.ts';

/** A file of a repository at one commit. */
export interface RepositoryFile {
  /** With "/" between folders. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** sha256 of the content for LFS files, the git blob's sha1 for others; empty where only a cached copy is known. */
  readonly etag: string;
  /** The git blob's sha1, which for an LFS file is that of its pointer. */
  readonly blobId?: string;
}

/** The commit of a revision, and the licence that the repository's page names. */
export async function resolveRevision(
  { endpoint: hubUrl }: HubSettings,
  repository: RepositoryId,
  fetch: HubFetch,
): Promise<{ commit: string; licence: string | null }> {
  const { kind, name, revision } = repository;
  const { modelInfo, datasetInfo } = await import('@huggingface/hub');
  const request = { name, revision, hubUrl, fetch };
  const info: { sha?: string; tags?: string[] } =
    kind === 'model'
      ? await modelInfo({ ...request, additionalFields: ['sha', 'tags'] })
      : await datasetInfo({ ...request, additionalFields: ['sha', 'tags'] });
  if (!/^[0-9a-f]{40}$/.test(info.sha ?? ''))
    throw new HubError('network', `${hubUrl} names no commit for ${titleOf(repository)}`);
  const licence = info.tags?.find((tag) => tag.startsWith('license:'))?.slice('license:'.length);
  return { commit: info.sha!, licence: licence ?? null };
}

const sha1 = z.string().regex(/^[0-9a-f]{40}$/);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const size = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const entrySchema = z.object({
  path: z.string().min(1),
  size,
  oid: sha1,
  lfs: z.object({ oid: sha256, size }).optional(),
});

/** Every file of a commit, in the hub's order. */
export async function listRepository(
  { endpoint: hubUrl }: HubSettings,
  { kind: type, name }: RepositoryId,
  commit: string,
  fetch: HubFetch,
): Promise<RepositoryFile[]> {
  const { listFiles } = await import('@huggingface/hub');
  const files: RepositoryFile[] = [];
  for await (const entry of listFiles({ repo: { type, name }, revision: commit, recursive: true, hubUrl, fetch })) {
    if (entry.type !== 'file') continue;
    const parsed = entrySchema.safeParse(entry);
    if (!parsed.success || !isInside(parsed.data.path))
      throw new HubError(
        'corrupt',
        `${hubUrl} lists a file of ${name} that makes no sense: ${JSON.stringify(entry.path)}`,
      );
    const { path, size, oid, lfs } = parsed.data;
    files.push({ path, size: lfs?.size ?? size, etag: lfs?.oid ?? oid, blobId: oid });
  }
  return files;
}

/** Names become paths in the cache: none may lead out of it, on any system. */
function isInside(path: string): boolean {
  return !/[\\:\0]/.test(path) && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}
