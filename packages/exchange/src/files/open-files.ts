import { ImportError } from '../import-error.ts';
import { folderFiles } from './folder-files.ts';
import type { ImportFiles } from './import-files.ts';
import { pages, s3Files, type S3Location } from './s3/s3-files.ts';
import type { S3Credentials } from './s3/sign-v4.ts';
import { defaultWebSettings, type WebSettings } from './web/get.ts';
import { asFolder, manifestFiles, oneWebFile } from './web/web-files.ts';

export interface OpenFilesOptions {
  readonly credentials?: S3Credentials | null;
  readonly region?: string;
  /** Of a store that speaks the language of S3, for `s3://` references. */
  readonly endpoint?: string;
  readonly settings?: WebSettings;
  readonly signal?: AbortSignal;
}

/**
 * The files that a reference names:
 *
 * - a folder or a file on disk
 * - `s3://bucket/prefix`
 * - a web address of a bucket (`https://bucket.s3.region.amazonaws.com/prefix`, or its `index.html?prefix=…`), of one of
 *   another store that lists its files as S3 does, of an export of ours on any web server, or of one file
 *
 * @throws ImportError when nothing there can be listed; the file system's error when there is no such folder
 * @example await openFiles('https://neuronpedia-datasets.s3.us-east-1.amazonaws.com/index.html?prefix=v1/gpt2-small/')
 */
export async function openFiles(reference: string, options: OpenFilesOptions = {}): Promise<ImportFiles> {
  const s3 = s3Location(reference, options);
  if (s3) return s3Files(s3, options.credentials ?? null, options.settings);
  if (!/^https?:\/\//.test(reference)) return folderFiles(reference);
  return webFiles(new URL(reference), options);
}

/** The bucket that a reference names by itself; null when it does not. */
export function s3Location(reference: string, { region, endpoint }: OpenFilesOptions = {}): S3Location | null {
  const scheme = /^s3:\/\/([^/]+)\/?(.*)$/.exec(reference);
  if (scheme) return { bucket: scheme[1]!, prefix: trimmed(scheme[2]!), region, endpoint };
  if (!URL.canParse(reference)) return null;
  const url = new URL(reference);
  const host = /^(?:(.+)\.)?s3[.-](?:([a-z0-9-]+)\.)?amazonaws\.com$/.exec(url.hostname);
  if (!host || isOneFile(url)) return null;
  const path = trimmed(decodeURIComponent(url.pathname));
  const [first, ...rest] = path.split('/');
  const [bucket, inside] = host[1] === undefined ? [first!, rest.join('/')] : [host[1], path];
  // The bucket's own page of its files, whose address is what people copy.
  const prefix = /(^|\/)index\.html$/.test(inside) ? trimmed(url.searchParams.get('prefix') ?? '') : inside;
  return { bucket, prefix, region: host[2] ?? region };
}

const trimmed = (path: string): string => path.replace(/^\/+|\/+$/g, '');

const isOneFile = ({ pathname }: URL): boolean =>
  /\.(jsonl?|html?)(\.gz)?$/.test(pathname) && !/(^|\/)index\.html$/.test(pathname);

async function webFiles(
  url: URL,
  { credentials, region, settings = defaultWebSettings, signal }: OpenFilesOptions,
): Promise<ImportFiles> {
  if (isOneFile(url)) return oneWebFile(url, settings);
  const folder = asFolder(url);
  const ours = await manifestFiles(folder, settings, signal);
  if (ours) return ours;
  const [bucket, ...rest] = trimmed(decodeURIComponent(folder.pathname)).split('/');
  const location: S3Location = { bucket: bucket!, prefix: rest.join('/'), region, endpoint: folder.origin };
  const base = `${folder.origin}/${bucket}/`;
  try {
    if (bucket === '') throw new ImportError('no bucket');
    for await (const _ of pages(base, `${rest.join('/')}/`, settings, { signal })) break;
    return s3Files(location, credentials ?? null, settings);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof ImportError)) throw error;
    throw new ImportError(
      `${folder.href} can't be listed: it is no bucket, and has no manifest.json, which exports of Monosema have`,
      { cause: error },
    );
  }
}
