import { createHash } from 'node:crypto';
import { ImportError } from '../../import-error.ts';
import { baseName, inNaturalOrder, type FolderListing, type ImportFile, type ImportFiles } from '../import-files.ts';
import { addressOf, defaultWebSettings, get, type GetOptions, type WebSettings } from '../web/get.ts';
import { readUrl } from '../web/read-url.ts';
import { parseListPage, type ListPage } from './list-page.ts';
import { encodeStrictly, signGet, type S3Credentials } from './sign-v4.ts';

export interface S3Location {
  readonly bucket: string;
  /** Folder within it, without "/" at either end; '' for all. */
  readonly prefix: string;
  /** Default us-east-1. */
  readonly region?: string;
  /** Of another store with the same interface, as `http://127.0.0.1:9000`; the bucket is the first part of its paths. */
  readonly endpoint?: string;
}

/**
 * The files under a prefix of an S3 bucket, or of a store that speaks the same language. Without credentials, the bucket
 * must be public. A file that is not encrypted with a key of the bucket's owner is checked against its MD5.
 *
 * @example s3Files({ bucket: 'neuronpedia-datasets', prefix: 'v1/gpt2-small/8-res-jb' })
 */
export function s3Files(
  location: S3Location,
  credentials: S3Credentials | null = null,
  settings: WebSettings = defaultWebSettings,
): ImportFiles {
  const { bucket, prefix, region = 'us-east-1' } = location;
  const base = bucketUrl(location);
  const keyOf = (path: string): string => [prefix, path].filter((part) => part !== '').join('/');
  const request = (signal?: AbortSignal): GetOptions => ({
    signal,
    ...(credentials && { sign: (url, headers) => signGet(url, headers, region, credentials) }),
  });
  return {
    name: `s3://${keyOf('') === '' ? bucket : `${bucket}/${prefix}`}`,
    async list(path, signal) {
      const under = keyOf(path) === '' ? '' : `${keyOf(path)}/`;
      const files: ImportFile[] = [];
      const folders: string[] = [];
      for await (const page of pages(base, under, settings, request(signal))) {
        // A folder made by hand is an empty object of its name.
        for (const { key, bytes } of page.objects)
          if (key !== under)
            files.push({ path: prefix === '' ? key : key.slice(prefix.length + 1), bytes, checksum: null });
        folders.push(...page.prefixes.map((each) => baseName(each.slice(0, -1))));
      }
      return sorted(files, folders);
    },
    async *read(file, signal) {
      const url = new URL(`${base}${keyOf(file.path).split('/').map(encodeStrictly).join('/')}`);
      const md5 = createHash('md5');
      let expected: string | null = null;
      const onAnswer: Parameters<typeof readUrl>[2]['onAnswer'] = ({ headers }) => (expected = md5Of(headers));
      for await (const piece of readUrl(url, settings, { ...request(signal), bytes: file.bytes, onAnswer })) {
        md5.update(piece);
        yield piece;
      }
      const found = md5.digest('hex');
      if (expected !== null && found !== expected)
        throw new ImportError(`${addressOf(url)} came with the MD5 ${found}, and is stored with ${expected as string}`);
    },
  };
}

const sorted = (files: ImportFile[], folders: string[]): FolderListing => ({
  files: files.sort((a, b) => inNaturalOrder(a.path, b.path)),
  folders: folders.sort(inNaturalOrder),
});

/** The root of a bucket, with "/" at its end. */
function bucketUrl({ bucket, region = 'us-east-1', endpoint }: S3Location): string {
  if (endpoint !== undefined) return `${endpoint.replace(/\/$/, '')}/${encodeStrictly(bucket)}/`;
  // The certificates of *.s3… hold for names without dots.
  return bucket.includes('.')
    ? `https://s3.${region}.amazonaws.com/${bucket}/`
    : `https://${bucket}.s3.${region}.amazonaws.com/`;
}

/** All pages of one level of a bucket: Neuronpedia's own importer reads the first only, and so loses what follows 1,000 files. */
export async function* pages(
  base: string,
  prefix: string,
  settings: WebSettings,
  options: GetOptions,
): AsyncGenerator<ListPage> {
  for (let token: string | null = null, more = true; more; more = token !== null) {
    const url = new URL(base);
    const query = {
      'list-type': '2',
      delimiter: '/',
      'encoding-type': 'url',
      prefix,
      ...(token !== null && { 'continuation-token': token }),
    };
    url.search = Object.entries(query)
      .map(([name, value]) => `${name}=${encodeStrictly(value)}`)
      .join('&');
    const page = parseListPage(await listText(url, settings, options));
    yield page;
    token = page.next;
  }
}

async function listText(url: URL, settings: WebSettings, options: GetOptions): Promise<string> {
  const answer = await get(url, settings, options);
  const pieces: Uint8Array[] = [];
  for await (const piece of answer as AsyncIterable<Uint8Array>) pieces.push(piece);
  const text = Buffer.concat(pieces).toString('utf8');
  if (answer.statusCode === 200) return text;
  const region = answer.headers['x-amz-bucket-region'];
  if (answer.statusCode === 301 && typeof region === 'string')
    throw new ImportError(`${addressOf(url)}: the bucket is in the region ${region}, which must be given`);
  const code = /<Code>(\w+)<\/Code>/.exec(text)?.[1];
  throw new ImportError(`${addressOf(url)} can't be listed: status ${answer.statusCode}${code ? `, ${code}` : ''}`);
}

/** The ETag, where it is the MD5 of the content: not for uploads in parts, nor with a key of the key service. */
function md5Of(headers: Readonly<Record<string, string | string[] | undefined>>): string | null {
  const encryption = headers['x-amz-server-side-encryption'];
  if (
    (encryption !== undefined && encryption !== 'AES256') ||
    headers['x-amz-server-side-encryption-customer-algorithm']
  )
    return null;
  return /^"([0-9a-f]{32})"$/.exec(String(headers.etag ?? ''))?.[1] ?? null;
}
